import type { Cluster, Host } from './cluster.ts'
import type { Access } from './distribution/access.ts'

export interface WholeCluster {
  readonly cluster: Cluster
  readonly servers: readonly Host[]
  /** How the cluster is reached on one of its hosts. */
  readonly access: Access
}

/** A cluster's servers, in its order. */
export function serversOf(cluster: Cluster): readonly Host[] {
  return cluster.hosts.filter(({ role }) => role === 'server')
}
