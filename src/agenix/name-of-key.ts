import type { NamedKey } from './rules.ts'

/** What a path to a key shows: its owner, and whether the owner is a machine. */
export interface KeyName {
  /** As the path writes it; undefined if every word is about keys in general: `hosts/ssh_host_ed25519_key.pub`. */
  readonly name: string | undefined
  readonly machine: boolean
  readonly person: boolean
}

/** Words about a key, not about its owner. */
const ABOUT_KEYS = new Set([
  'ssh',
  'age',
  'ed25519',
  'rsa',
  'key',
  'keys',
  'pub',
  'public',
  'pubkey',
  'hostkey',
  'default',
  'recipient',
])
/**
 * Words about a key that also show that the owner is a machine, or a person: `ocean.system`,
 * `hosts/ocean/ssh_host_ed25519_key.pub`, `ada/id_ed25519.pub`.
 */
const OF_MACHINE = new Set(['host', 'system', 'machine', 'hostkey'])
const OF_PERSON = new Set(['id', 'user'])

const PEOPLE =
  /^(all|my)?[-_]?(users?|admins?|people|persons?|humans?|owners?|operators?|me|personal)[-_]?(public)?[-_]?(keys?)?$/i
const MACHINES =
  /^(all|k3s|k8s|kube|kubernetes|nixos|cluster)?[-_]?(systems?|hosts?|machines?|servers?|agents?|nodes?|masters?|workers?|computers?|devices?|control[-_]?planes?)[-_]?(public)?[-_]?(keys?)?$/i
/** Names from tutorials. Another place has the real name of the machine. */
const PLACEHOLDER = /^(system|host|machine|server|user|key|node)[-_]?\d*$/i

/** @param path its last word is empty for a key in a list, because it has no name there */
export function nameOfKey({ path }: Pick<NamedKey, 'path'>): KeyName {
  const words = [...path]
  const about = { machine: false, person: false }
  const note = (tokens: readonly string[]) => {
    about.machine ||= tokens.some((token) => OF_MACHINE.has(token))
    about.person ||= tokens.some((token) => OF_PERSON.has(token))
  }
  let name: string | undefined
  if (words.at(-1) === '') words.pop()
  else
    while (name === undefined && words.length > 0) {
      const word = words.pop() ?? ''
      const tokens = tokensOf(word)
      if (tokens.every(isAboutKeys)) {
        note(tokens)
        continue
      }
      // the name of a set is not a name of an owner: `hosts/ssh_host_ed25519_key.pub`
      if (words.length < path.length - 1 && (PEOPLE.test(word) || MACHINES.test(word))) {
        words.push(word)
        break
      }
      name = trimmed(word, note)
    }
  const has = (kind: RegExp) => words.some((word) => kind.test(word))
  return { name, machine: about.machine || has(MACHINES), person: about.person || has(PEOPLE) }
}

export function isPlaceholder(name: string): boolean {
  return PLACEHOLDER.test(name)
}

/** `ocean_host_ed25519` and `system-ocean` are ocean. */
function trimmed(word: string, note: (tokens: readonly string[]) => void): string {
  const [, behind = ''] = /((?:[-_](?:host|ssh|age|ed25519|rsa|pub|public|key|hostkey))+)$/i.exec(word) ?? []
  const [, before = ''] = /^((?:system|host|machine|user)[-_])(?=.*[a-z])/i.exec(word) ?? []
  const left = word.slice(before.length, word.length - behind.length)
  if (left === '') return word
  note([...tokensOf(before), ...tokensOf(behind)])
  return left
}

function isAboutKeys(token: string): boolean {
  return ABOUT_KEYS.has(token) || OF_MACHINE.has(token) || OF_PERSON.has(token)
}

/** `sshHostKey`, `ssh_host_key` and `ssh-host-key` have the same three. */
function tokensOf(word: string): readonly string[] {
  return word
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .split(/[-_. ]+/)
    .filter((token) => token !== '')
}
