import type { Cluster, Host } from '../model/cluster.ts'
import { serversOf } from '../model/servers-of.ts'
import { type Firewalls, firewallsOf } from '../parts/firewall/firewall.ts'

/** What belongs to a cluster as a whole. Worked out once and passed on: each of thousands of hosts is made of it. */
export interface ClusterState {
  readonly cluster: Cluster
  readonly servers: readonly Host[]
  readonly firewalls: Firewalls
}

export function clusterStateOf(cluster: Cluster): ClusterState {
  const servers = serversOf(cluster)
  return { cluster, servers, firewalls: firewallsOf(cluster, servers) }
}
