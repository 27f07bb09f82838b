import { FaultsError, KeelError } from '../errors.ts'
import type { Recipient } from '../model/brands.ts'
import type { Role } from '../model/cluster.ts'
import { parseRecipient } from '../model/keys/recipient.ts'
import { READER_GROUPS } from '../model/names.ts'
import { type Identified, identify, type Told } from './identify.ts'
import type { AgenixRepository } from './rules.ts'
import { tokenOf } from './token-files.ts'

export interface Person extends Identified {
  readonly key: Recipient
}

/** The people and machines that own the keys in a secrets.nix. */
export interface People {
  /** Everybody outside the cluster: people, and machines that read no k3s token. */
  readonly admins: readonly Person[]
  readonly hosts: readonly (Person & { readonly role: Role; readonly roleFrom: string | undefined })[]
  readonly byKey: ReadonlyMap<string, Person>
}

/**
 * A host of the cluster is a key that may read a k3s token and belongs to a machine (`identify`), or one that `--host`
 * names. It is a server if it may read the server token, unless its k3s module has another role.
 * @param told the hosts of `--host`
 * @throws FaultsError (exit 2) with every key to which keel can't encrypt
 */
export function guessPeople(repository: AgenixRepository, told: readonly Told[] = []): People {
  const { rules, machines } = repository
  const byKey = new Map<string, Person>()
  const faults: KeelError[] = []
  const taken = new Set<string>(READER_GROUPS.map((group) => group.toLowerCase()))
  for (const { file, keys } of rules) {
    for (const text of keys) {
      if (byKey.has(text)) continue
      try {
        const key = parseRecipient(text)
        const same = [...byKey.values()].find((person) => person.key === key)
        byKey.set(text, same ?? { key, ...identify(text, repository, told, taken) })
      } catch (error) {
        if (!(error instanceof KeelError)) throw error
        faults.push(refused(file, error))
      }
    }
  }
  if (faults.length > 0) throw new FaultsError(faults)
  const readers = (kind: Role) =>
    new Set(
      rules.filter(({ file }) => tokenOf(file) === kind).flatMap(({ keys }) => keys.map((key) => byKey.get(key)?.key)),
    )
  const [server, agent] = [readers('server'), readers('agent')]
  const everybody = [...new Map([...byKey.values()].map((person) => [person.key, person])).values()]
  const isHost = ({ machine, told, key }: Person) => told || (machine && (server.has(key) || agent.has(key)))
  const machinesOfCluster = everybody.filter(isHost)
  const roleOf = ({ key, written }: Person) => {
    const inNix = machines.get(written)?.role
    if (inNix !== undefined) return { role: inNix, roleFrom: 'its k3s module' }
    if (agent.size > 0)
      return { role: server.has(key) ? 'server' : 'agent', roleFrom: 'the tokens that it may read' } as const
    // one token for all of them shows no roles; a single machine is a server
    return {
      role: 'server',
      roleFrom: machinesOfCluster.length > 1 ? undefined : 'the token that it may read',
    } as const
  }
  return {
    admins: everybody.filter((person) => !isHost(person)),
    hosts: machinesOfCluster.map((person) => ({ ...person, ...roleOf(person) })),
    byKey,
  }
}

/** Names the rule, not the key: the text in a secrets.nix may be anything. */
function refused(rule: string, { code, found, why = 'age does not know this type of key' }: KeelError): KeelError {
  const todo =
    'replace that key in secrets.nix with another key of its owner (ssh-ed25519, or one from age-keygen), then run `agenix -r`'
  return new KeelError({ code, at: `the rule ${rule}`, found, why, todo })
}
