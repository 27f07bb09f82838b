import { FaultsError, KeelError } from '../errors.ts'
import type { Recipient } from '../model/brands.ts'
import { READER_GROUPS } from '../model/names.ts'
import { parseRecipient } from '../model/recipient.ts'
import type { AgenixRepository, NamedKey } from './rules.ts'
import { tokenOf } from './token-files.ts'

export interface Person {
  readonly name: string
  readonly key: Recipient
}

/** Who is who behind the keys of a secrets.nix. */
export interface People {
  /** Whoever is no machine of the cluster: people, and machines that read no k3s token. */
  readonly admins: readonly Person[]
  readonly hosts: readonly (Person & { readonly role: 'server' | 'agent' })[]
  readonly byKey: ReadonlyMap<string, Person>
}

const PEOPLE_WORDS = /^(users?|admins?|people)$/i
const HOST_WORDS = /^(k3s)?-?(systems?|hosts?|machines?|servers?|agents?|nodes?)$/i

/**
 * A host of the cluster is a key that may read a k3s token and is a machine's: by the set or list that it stands in (`systems`, `hosts`, …) or its
 * comment (`root@ocean`). It is a server when it may read the server token.
 * @throws FaultsError (exit 2) with every key that keel can't encrypt to
 */
export function guessPeople({ rules, names }: AgenixRepository): People {
  const byKey = new Map<string, Person & { readonly machine: boolean }>()
  const faults: KeelError[] = []
  const taken = new Set<string>(READER_GROUPS.map((group) => group.toLowerCase()))
  for (const { file, keys } of rules) {
    for (const text of keys) {
      if (byKey.has(text)) continue
      try {
        const key = parseRecipient(text)
        const same = [...byKey.values()].find((person) => person.key === key)
        byKey.set(text, same ?? { key, ...identify(text, names, taken) })
      } catch (error) {
        if (!(error instanceof KeelError)) throw error
        faults.push(refused(file, error))
      }
    }
  }
  if (faults.length > 0) throw new FaultsError(faults)
  const readers = (kind: 'server' | 'agent') =>
    new Set(rules.filter(({ file }) => tokenOf(file) === kind).flatMap(({ keys }) => keys.map((key) => byKey.get(key)?.key)))
  const [server, agent] = [readers('server'), readers('agent')]
  const everybody = [...new Map([...byKey.values()].map((person) => [person.key, person])).values()]
  const isHost = ({ machine, key }: (typeof everybody)[number]) => machine && (server.has(key) || agent.has(key))
  return {
    admins: everybody.filter((person) => !isHost(person)).map(({ name, key }) => ({ name, key })),
    hosts: everybody.filter(isHost).map(({ name, key }) => ({ name, key, role: server.has(key) ? 'server' : 'agent' })),
    byKey,
  }
}

/** By its rule, for which key it is: text of a secrets.nix may be anything. */
function refused(rule: string, { code, found, why = 'it is none that age knows' }: KeelError): KeelError {
  const todo = 'take that key out of secrets.nix and give its owner another one (ssh-ed25519, or of age-keygen), then `agenix -r`'
  return new KeelError({ code, at: `the rule ${rule}`, found, why, todo })
}

function identify(
  text: string,
  names: readonly NamedKey[],
  taken: Set<string>,
): { readonly name: string; readonly machine: boolean } {
  const [, , comment = ''] = text.trim().split(/\s+/)
  const found = names.filter(({ key }) => key.trim() === text.trim())
  const byName = found.map(({ path }) => path.at(-1)).find((word) => word !== '')
  const [user, host] = comment.split('@')
  const standsIn = (words: RegExp) => found.some(({ path }) => path.slice(0, -1).some((word) => words.test(word)))
  const machine = !standsIn(PEOPLE_WORDS) && (standsIn(HOST_WORDS) || (user === 'root' && host !== undefined))
  const wished = byName ?? (machine ? host : user) ?? ''
  const name = unused(
    wished
      .toLowerCase()
      .replace(/[^a-z0-9.-]+/g, '-')
      .replace(/^[-.]+|[-.]+$/g, '') || 'key',
    taken,
  )
  return { name, machine }
}

function unused(name: string, taken: Set<string>): string {
  let free = name
  for (let count = 2; taken.has(free); count++) free = `${name}-${count}`
  taken.add(free)
  return free
}
