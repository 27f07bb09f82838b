import { ROLES, type Role } from '../model/cluster.ts'
import { parseSecretName } from '../model/names.ts'
import type { SecretsInput } from '../model/schema/input.ts'
import { guessPeople, type People, type Person } from './guess-people.ts'
import type { Told } from './identify.ts'
import type { AgenixRepository, AgenixRule } from './rules.ts'
import { nameOf, tokenOf } from './token-files.ts'

/** An agenix repository in the terms of a keel inventory. */
export interface TakenOver {
  readonly people: People
  readonly secrets: SecretsInput['secrets']
  /** The encrypted file of each secret there, and its place here. */
  readonly files: readonly { readonly from: string; readonly to: string }[]
  /** What an inventory can't express, each with the reason. */
  readonly left: readonly string[]
}

const NAMES = { server: 'k3s-server-token', agent: 'k3s-agent-token' } as const
/** A running cluster already has its CA, and keel does not need the key. */
const CA_KEY = 'k3s-server-ca-key'

/**
 * @param beside the inventory is created in the repository itself, so its files stay where they are
 * @throws FaultsError like `guessPeople`
 */
export function takeOver(repository: AgenixRepository, beside: boolean, told: readonly Told[] = []): TakenOver {
  const people = guessPeople(repository, told)
  const secrets: Record<string, SecretsInput['secrets'][string]> = {}
  const files: { from: string; to: string }[] = []
  const left: string[] = []
  for (const rule of repository.rules) {
    const token = tokenOf(rule.file)
    const name = token === undefined ? nameOf(rule.file) : NAMES[token]
    const to = `secrets/${name}.age`
    const why = whyLeft(rule, name, to, { beside, token: token !== undefined, taken: Object.hasOwn(secrets, name) })
    if (why !== undefined) {
      left.push(`${rule.file}: ${why}`)
      continue
    }
    secrets[name] = { readers: readersOf(rule, people, token), ...(rule.armor ? { armor: true } : {}) }
    files.push({ from: rule.file, to })
  }
  for (const token of ROLES) {
    // k3s needs both; a missing one is imported from a server
    secrets[NAMES[token]] ??= { readers: ['admins', ...groupsOf(token)] }
  }
  return { people, secrets, files, left }
}

function whyLeft(
  rule: AgenixRule,
  name: string,
  to: string,
  { beside, token, taken }: { readonly beside: boolean; readonly token: boolean; readonly taken: boolean },
): string | undefined {
  if (name === CA_KEY) return 'a running cluster needs no CA key in keel'
  if (!rule.file.endsWith('.age')) return 'keel keeps secrets as secrets/NAME.age'
  if (taken) return `there is another ${name}`
  if (rule.keys.length === 0) return 'nobody may read it'
  try {
    parseSecretName(name)
  } catch {
    return 'its name is none for a secret (a-z, 0-9 and . _ -)'
  }
  return beside && !token && rule.file !== to ? 'keel keeps secrets as secrets/NAME.age: move it there' : undefined
}

function groupsOf(token: Role): readonly string[] {
  return token === 'server' ? ['servers'] : ['servers', 'agents']
}

/**
 * Groups if they have the same readers. Otherwise names, so that nobody can read more than before. The tokens go to the
 * roles that k3s requires.
 */
function readersOf({ keys }: AgenixRule, { admins, hosts, byKey }: People, token: Role | undefined): string[] {
  const allowed = new Set(keys.map((key) => byKey.get(key)?.key))
  const named = (group: string, members: readonly Person[]): readonly string[] => {
    const inside = members.filter(({ key }) => allowed.has(key))
    return inside.length > 0 && inside.length === members.length ? [group] : inside.map(({ name }) => name)
  }
  const people = named('admins', admins)
  if (token !== undefined) return [...people, ...groupsOf(token)]
  const ofRole = (role: Role) => hosts.filter((host) => host.role === role)
  return [...people, ...named('servers', ofRole('server')), ...named('agents', ofRole('agent'))]
}
