import { readFileSync } from 'node:fs'

/**
 * What `containerd config dump` printed. `debian-12.toml`: recorded of Debian 12's package (1.6.20) with its own file.
 * `containerd-2.2.toml`: see test/cases/containerd/README.md.
 */
export function containerdDump(name: string): string {
  return readFileSync(new URL(`../../cases/containerd/${name}`, import.meta.url), 'utf8')
}
