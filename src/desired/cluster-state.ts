import type { Cluster, Host, Role } from '../model/cluster.ts'
import { serversOf, type WholeCluster } from '../model/servers-of.ts'
import { allParts, type ByPart, byPart } from '../parts/by-part.ts'
import { accessOf } from './distribution/access-of.ts'
import { nodeApi } from './distribution/node-api.ts'
import type { Surroundings } from './surroundings.ts'

/** What belongs to a cluster as a whole. Worked out once and passed on: each of thousands of hosts is made of it. */
export interface ClusterState extends WholeCluster {
  /** What is wanted of a host's parts: hosts that are alike share a value. */
  readonly partsOf: (host: Host) => ByPart<'wanted'>
}

export function clusterStateOf(cluster: Cluster, { agentCa }: Pick<Surroundings, 'agentCa'> = {}): ClusterState {
  const whole = {
    cluster,
    servers: serversOf(cluster),
    access: accessOf(cluster),
    apiOn: (host: Host) => nodeApi(cluster, host),
    ...(agentCa === undefined ? {} : { agentCa }),
  }
  const guardsOf = (role: Role) => allParts.flatMap((part) => part.guards?.(whole, role) ?? [])
  const wants = new Map(allParts.map((part) => [part.name, part.wants?.(whole, guardsOf)]))
  return { ...whole, partsOf: (host) => byPart<'wanted'>(({ name }) => wants.get(name)?.(host)) }
}
