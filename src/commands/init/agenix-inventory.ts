import { existsSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, posix, relative, sep } from 'node:path'
import type { People } from '../../agenix/guess-people.ts'
import { readAgenixRepository } from '../../agenix/read-repository.ts'
import { SECRETS_NIX } from '../../agenix/secrets-nix.ts'
import { type TakenOver, takeOver } from '../../agenix/take-over.ts'
import { readInventoryFile } from '../../files/inventory-file.ts'
import type { HostInput, SecretsInput } from '../../model/schema/input.ts'
import type { Io } from '../shared/command.ts'
import { parseHostSpec } from './host-spec.ts'

export interface AgenixInventory {
  readonly admins: Readonly<Record<string, string>>
  readonly hosts: ReadonlyMap<string, HostInput>
  /** By host: the place from which its name comes. */
  readonly namedBy: ReadonlyMap<string, string>
  /** By host: what keel guessed without proof. */
  readonly guesses: ReadonlyMap<string, readonly string[]>
  readonly secrets: SecretsInput['secrets']
  /** Encrypted, byte for byte as in the repository. */
  readonly files: ReadonlyMap<string, Uint8Array>
  /** The inventory is created in the repository itself: in the folder of secrets.nix, or above it. */
  readonly beside: boolean
}

/**
 * A new inventory from an agenix repository. Prints what keel guessed, and what it did not take over.
 * @param path its secrets.nix
 * @param specs `--host`: these add to the guesses and have priority
 */
export async function agenixInventory(
  path: string,
  target: string,
  specs: readonly string[],
  io: Io,
): Promise<AgenixInventory> {
  const below = relative(target, dirname(path))
  const beside = !isAbsolute(below) && below.split(sep)[0] !== '..'
  const root = beside ? target : dirname(path)
  const repository = repositoryOf(path) ?? (beside ? target : ownFolder(path))
  const { rules, ...found } = await readAgenixRepository(path, repository, io.env, io.signal)
  const told = specs.map((spec, index) => {
    const [name, { hostKey }] = parseHostSpec(spec, index)
    return { name: String(name), ...(hostKey === undefined ? {} : { hostKey }) }
  })
  const taken = takeOver(
    { ...found, rules: rules.map((rule) => ({ ...rule, file: posix.join(beside ? below : '', rule.file) })) },
    beside,
    told,
  )
  const hosts = hostsOf(taken, specs)
  const values = await Promise.all(
    taken.files.map(async ({ from, to }) => [to, encryptedFile(repository, join(root, from)), from === to] as const),
  )
  const files = values.flatMap(([to, bytes, same]): [string, Uint8Array][] =>
    bytes === undefined || (beside && same) ? [] : [[to, bytes]],
  )
  const missing = values.filter(([, bytes]) => bytes === undefined).map(([to]) => to)
  io.note(`${path}: ${rules.length} rules`)
  tellUnclear(taken.people, io)
  for (const line of taken.left) io.note(`not taken over: ${line}`)
  for (const file of missing) io.note(`${file}: missing in that repository too, so this secret has no value yet`)
  if (beside && below !== '')
    io.note(
      `${path}: keel does not update this file; run \`keel render\` to write ${SECRETS_NIX} beside secrets.ts, then remove this one`,
    )
  return {
    admins: Object.fromEntries(taken.people.admins.map(({ name, key }) => [name, key])),
    hosts,
    namedBy: new Map(
      taken.people.hosts.flatMap(({ name, from }) => (from === undefined ? [] : [[name, from] as const])),
    ),
    guesses: guessesOf(taken.people, told),
    secrets: taken.secrets,
    files: new Map(files),
    beside,
  }
}

/** The folder in which git or a flake begins, because keys and machines are often beside `secrets/`. */
function repositoryOf(path: string): string | undefined {
  const own = dirname(path)
  const above = [own, dirname(own), dirname(dirname(own))]
  return above.find((folder) => existsSync(join(folder, '.git')) || existsSync(join(folder, 'flake.nix')))
}

/** If neither git nor a flake shows where the repository begins: `secrets/secrets.nix` is in a folder of it. */
function ownFolder(path: string): string {
  return basename(dirname(path)) === 'secrets' ? dirname(dirname(path)) : dirname(path)
}

/** A rule may name any path, and a commit may have put a link there. @throws KeelError `inventory-file` (exit 2) */
function encryptedFile(repository: string, path: string): Uint8Array | undefined {
  return readInventoryFile(repository, relative(repository, path))
}

/** After the hosts were asked: their answers replace the guesses. */
export function tellHosts(hosts: ReadonlyMap<string, HostInput>, namedBy: AgenixInventory['namedBy'], io: Io): void {
  for (const [name, host] of hosts) {
    const from = namedBy.get(name)
    const named = from === undefined || from === '--host' ? '' : `; named by ${from}`
    io.note(`host ${name}: ${host.role}, ${host.os}, ${host.address}${named} (please check)`)
  }
}

function tellUnclear({ admins }: People, io: Io): void {
  for (const { name, from, unclear } of admins)
    if (unclear)
      io.note(
        `admin ${name}: nothing shows that this key${from === undefined ? '' : ` (${from})`} belongs to a machine; if it does: --host 'name=${name},address=root@ADDRESS'`,
      )
}

/** What the user must check in the new inventory, host by host. */
function guessesOf(
  { hosts }: People,
  told: readonly { readonly name: string }[],
): ReadonlyMap<string, readonly string[]> {
  return new Map(
    hosts
      .filter(({ name }) => !told.some((each) => each.name === name))
      .map(({ name, from, roleFrom }) => [
        name,
        [
          ...(from === undefined
            ? [`no file names this machine, so keel invented ${name}: give it the name of its Node`]
            : []),
          ...(roleFrom === undefined ? ['all machines have the same token: is this a server or an agent?'] : []),
        ],
      ]),
  )
}

/** agenix is for NixOS; its secrets.nix does not contain the address of a machine. */
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
