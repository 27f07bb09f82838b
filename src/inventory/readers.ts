import { isReaderGroup } from '../model/names.ts'
import type { ClusterDraft, HostDraft, SecretsDraft } from './draft.ts'
import { hasRole } from './draft.ts'
import { firstServerOf } from './settings.ts'

/** Names of those who may read, their groups dissolved. */
export interface Readers {
  readonly admins: ReadonlySet<string>
  readonly hosts: ReadonlySet<string>
}

export interface People {
  readonly cluster: ClusterDraft
  readonly secrets: SecretsDraft
  readonly hosts: readonly HostDraft[]
}

/** Names that stand for nobody are passed over: check-secrets.ts reports them. */
export function readersOf(names: readonly string[], { cluster, secrets, hosts }: People): Readers {
  const admins = Object.keys(secrets.values.admins ?? {})
  const hostNames = (of: readonly HostDraft[]) => of.map((host) => host.source.name)
  const members = {
    admins,
    servers: hostNames(hosts.filter(hasRole('server'))),
    agents: hostNames(hosts.filter(hasRole('agent'))),
    firstServer: [firstServerOf(cluster, hosts)].filter((name) => name !== undefined),
  }
  const all = new Set(names.flatMap((name) => (isReaderGroup(name) ? members[name] : [name])))
  return {
    admins: new Set(admins.filter((name) => all.has(name))),
    hosts: new Set(hostNames(hosts).filter((name) => all.has(name))),
  }
}
