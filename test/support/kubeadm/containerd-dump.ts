import { readFileSync } from 'node:fs'

/** What `containerd config dump` printed: test/cases/containerd/README.md says where. */
export function containerdDump(name: string): string {
  return readFileSync(new URL(`../../cases/containerd/${name}`, import.meta.url), 'utf8')
}
