import { dirname, isAbsolute, join, posix, relative, sep } from 'node:path'
import { readAgenixRepository } from '../../agenix/read-repository.ts'
import { SECRETS_NIX } from '../../agenix/secrets-nix.ts'
import { type TakenOver, takeOver } from '../../agenix/take-over.ts'
import type { HostInput, SecretsInput } from '../../model/input.ts'
import { readIfThere } from '../../secrets/disk.ts'
import type { Io } from '../command.ts'
import { parseHostSpec } from './host-spec.ts'

export interface AgenixInventory {
  readonly admins: Readonly<Record<string, string>>
  readonly hosts: ReadonlyMap<string, HostInput>
  readonly secrets: SecretsInput['secrets']
  /** Encrypted, byte for byte as they are there. */
  readonly files: ReadonlyMap<string, Uint8Array>
  /** Made in the repository itself: where secrets.nix is, or above it. */
  readonly beside: boolean
}

/**
 * What an agenix repository says of a new inventory; tells what was guessed and what was left.
 * @param path its secrets.nix
 * @param specs `--host`: they add to what was guessed, and go before it
 */
export async function agenixInventory(path: string, target: string, specs: readonly string[], io: Io): Promise<AgenixInventory> {
  const { rules, ...repository } = await readAgenixRepository(path, io.env)
  const below = relative(target, dirname(path))
  const beside = !isAbsolute(below) && below.split(sep)[0] !== '..'
  const root = beside ? target : dirname(path)
  const taken = takeOver(
    { ...repository, rules: rules.map((rule) => ({ ...rule, file: posix.join(beside ? below : '', rule.file) })) },
    beside,
  )
  const hosts = hostsOf(taken, specs)
  const values = await Promise.all(
    taken.files.map(async ({ from, to }) => [to, await readIfThere(join(root, from)), from === to] as const),
  )
  const files = values.flatMap(([to, bytes, same]): [string, Uint8Array][] =>
    bytes === undefined || (beside && same) ? [] : [[to, bytes]],
  )
  const missing = values.filter(([, bytes]) => bytes === undefined).map(([to]) => to)
  io.note(`${path}: ${rules.length} rules`)
  for (const [name, host] of hosts) io.note(`host ${name}: ${host.role}, ${host.os}, ${host.address} (please check)`)
  for (const line of taken.left) io.note(`not taken over: ${line}`)
  for (const file of missing) io.note(`${file}: has no value there either`)
  if (beside && below !== '')
    io.note(`${path}: keel does not follow it; \`keel render\` writes ${SECRETS_NIX} beside secrets.ts, then remove it`)
  return {
    admins: Object.fromEntries(taken.people.admins.map(({ name, key }) => [name, key])),
    hosts,
    secrets: taken.secrets,
    files: new Map(files),
    beside,
  }
}

/** agenix is NixOS's; where a machine is reached, its secrets.nix does not say. */
function hostsOf({ people }: TakenOver, specs: readonly string[]): ReadonlyMap<string, HostInput> {
  const guessed = people.hosts.map(({ name, key, role }): [string, HostInput] => [
    name,
    { os: 'nixos', role, address: `root@${name}`, hostKey: key },
  ])
  const hosts = new Map(guessed)
  for (const [index, spec] of specs.entries()) {
    const [name, { role, os, ...told }] = parseHostSpec(spec, hosts.size + index)
    const before = hosts.get(name)
    const said = (key: string) => new RegExp(`(^|,)\\s*${key}\\s*=`).test(spec)
    hosts.set(name, {
      ...before,
      ...told,
      role: before === undefined || said('role') ? role : before.role,
      os: before === undefined || said('os') ? os : before.os,
    })
  }
  return hosts
}
