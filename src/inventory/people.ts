import { isReaderGroup, type ReaderGroup } from '../model/names.ts'
import { valueAt } from '../model/schema/value-at.ts'
import type { Definitions, ImageKeyFile, ManifestFiles, NamedFiles } from './definitions.ts'
import { type ClusterDraft, type HostDraft, hasRole, isBroken, type SecretsDraft } from './draft.ts'
import { firstServerOf } from './settings.ts'

/** The draft of the whole inventory, and the people and hosts in it. */
export interface People {
  readonly cluster: ClusterDraft
  readonly secrets: SecretsDraft
  readonly hosts: readonly HostDraft[]
  /** Also those with wrong keys, which keel has already reported. */
  readonly adminNames: ReadonlySet<string>
  readonly hostNames: ReadonlySet<string>
  readonly groups: Readonly<Record<ReaderGroup, ReadonlySet<string>>>
  /** By secret, for each secret whose rule keel can read. */
  readonly readers: ReadonlyMap<string, Readers>
  readonly manifestFiles: ManifestFiles
  readonly imageKey?: ImageKeyFile
  readonly repositoryKeys: NamedFiles
}

/** The names of those who may read. */
export interface Readers {
  readonly admins: ReadonlySet<string>
  readonly hosts: ReadonlySet<string>
}

export function peopleOf(
  cluster: ClusterDraft,
  secrets: SecretsDraft,
  hosts: readonly HostDraft[],
  {
    manifestFiles = new Map(),
    imageKey,
    repositoryKeys = new Map(),
  }: Pick<Definitions, 'manifestFiles' | 'imageKey' | 'repositoryKeys'>,
): People {
  const written = keysOf(secrets.source.input, 'admins').filter((name) => isBroken(secrets, 'admins', name))
  const adminNames = new Set([...Object.keys(secrets.values.admins ?? {}), ...written])
  const named = (drafts: readonly HostDraft[]) => new Set(drafts.map(({ source }) => source.name))
  const first = firstServerOf(cluster, hosts)
  const names = {
    adminNames,
    hostNames: named(hosts),
    groups: {
      admins: adminNames,
      servers: named(hosts.filter(hasRole('server'))),
      agents: named(hosts.filter(hasRole('agent'))),
      firstServer: new Set(first === undefined ? [] : [first]),
    },
  }
  const rules = Object.entries(secrets.values.secrets ?? {})
  const readers = new Map(rules.map(([name, rule]) => [name, readersAmong(rule.readers, names)]))
  return {
    cluster,
    secrets,
    hosts,
    ...names,
    readers,
    manifestFiles,
    ...(imageKey === undefined ? {} : { imageKey }),
    repositoryKeys,
  }
}

/** Who may read a secret. Nobody, if keel can't read its rule. */
export function readersOf({ readers }: Pick<People, 'readers'>, secret: string): Readers {
  return readers.get(secret) ?? { admins: new Set(), hosts: new Set() }
}

/** The readers, with the members of groups instead of the groups. Ignores unknown names. */
export function readersAmong(
  names: readonly string[],
  { adminNames, hostNames, groups }: Pick<People, 'adminNames' | 'hostNames' | 'groups'>,
): Readers {
  const all = new Set(names.flatMap((name) => (isReaderGroup(name) ? [...groups[name]] : [name])))
  return { admins: all.intersection(adminNames), hosts: all.intersection(hostNames) }
}

function keysOf(input: unknown, key: string): string[] {
  const value = valueAt(input, [key])
  return typeof value === 'object' && value !== null ? Object.keys(value) : []
}
