import type { Cluster, Role, SecretRule } from '../model/cluster.ts'
import { nameFew } from './name-hosts.ts'

/** Who may read one secret. */
export interface SecretReaders {
  readonly secret: string
  readonly admins: Readers
  readonly servers: Readers
  readonly agents: Readers
}

export interface Readers {
  readonly kind: 'all' | 'some' | 'none'
  /** `all 3`, `ocean`, `17 of 197`, or `none`. */
  readonly text: string
  readonly names: readonly string[]
}

export function secretReaders(cluster: Cluster): readonly SecretReaders[] {
  const admins = cluster.admins.map(({ name }) => name)
  const of = (role: Role) => cluster.hosts.filter((host) => host.role === role).map(({ name }) => name)
  const [servers, agents] = [of('server'), of('agent')]
  return cluster.secrets.map((rule) => ({
    secret: rule.name,
    admins: readersAmong(rule, 'admin', admins),
    servers: readersAmong(rule, 'host', servers),
    agents: readersAmong(rule, 'host', agents),
  }))
}

function readersAmong({ readers }: SecretRule, kind: 'admin' | 'host', group: readonly string[]): Readers {
  const reading = new Set(readers.filter((reader) => reader.kind === kind).map(({ name }) => name))
  const names = group.filter((name) => reading.has(name))
  if (names.length === 0) return { kind: 'none', text: 'none', names }
  if (names.length === group.length)
    return { kind: 'all', text: names.length === 1 ? nameFew(names) : `all ${names.length}`, names }
  return { kind: 'some', text: names.length > 3 ? `${names.length} of ${group.length}` : nameFew(names), names }
}
