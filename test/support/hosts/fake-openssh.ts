import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { generateKeyPair } from '../../../src/lab/host/ssh-keys.ts'
import type { Role } from '../../../src/model/cluster.ts'
import { keel } from '../keel/keel-in-process.ts'

/** At the beginning of an act: ssh has connected. Without it, the host could not be reached. */
export const connected = 'mkdir "$KEEL_CONNECTED"; '

/** A stand-in for OpenSSH's client: `act` says in bash what it does for each host. */
export class FakeOpenssh {
  /** To be first on PATH. */
  readonly bin: string
  readonly #root: string

  constructor(root: string) {
    this.#root = root
    this.bin = join(root, 'bin')
    mkdirSync(this.bin)
    const saved = (what: string) => `${join(root, what)}-$name`
    const program = `#!/bin/bash
for word; do case $word in HostKeyAlias=keel-*) name=\${word#*=keel-} ;; esac; done
printf '%s\\n' "$@" > ${saved('argv')}
readlink /proc/$$/fd/0 > ${saved('stdin')}
echo $$ > ${saved('pid')}
. ${saved('act')}
`
    writeFileSync(join(this.bin, 'ssh'), program, { mode: 0o755 })
  }

  /** Hosts that are not named could not be reached. */
  act(acts: Readonly<Record<string, string>>, hosts: readonly string[]): void {
    for (const name of readdirSync(this.#root).filter((file) => /^(argv|stdin|pid|mark)-/.test(file)))
      rmSync(join(this.#root, name))
    for (const host of hosts) writeFileSync(join(this.#root, `act-${host}`), acts[host] ?? 'exit 255\n')
  }

  /** What an ssh to this host has got (of its stdin, which file it is); undefined if there was none. */
  saved(what: 'argv' | 'stdin' | 'pid', host: string): string | undefined {
    const file = join(this.#root, `${what}-${host}`)
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined
  }

  /** For an act: a file for which another act can wait. */
  mark(name: string): string {
    return join(this.#root, `mark-${name}`)
  }
}

/** Makes `root`/inventory, of hosts that only a stand-in can reach. */
export async function inventoryOf(root: string, roles: Readonly<Record<string, Role>>): Promise<void> {
  writeFileSync(join(root, 'key.pub'), `${generateKeyPair().public}\n`)
  const specs = Object.entries(roles).flatMap(([name, role], index) => [
    '--host',
    `name=${name},role=${role},os=debian,address=root@192.0.2.${index + 1},hostKey=${generateKeyPair().public}`,
  ])
  const made = await keel(root, ['init', 'inventory', '--yes', '--admin', 'me=key.pub', ...specs])
  expect(made.exit, made.err).toBe(0)
}
