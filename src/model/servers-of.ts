import type { Cluster, Host } from './cluster.ts'
import type { Access } from './distribution/access.ts'

export interface WholeCluster {
  readonly cluster: Cluster
  readonly servers: readonly Host[]
  /** The certificate of the keel-agents' CA in PEM, where it is known. */
  readonly agentCa?: string
  /** How to reach the cluster on one of its hosts. */
  readonly access: Access
  /** The URL at which a program on a host reaches the API as its node does. */
  readonly apiOn: (host: Host) => string
}

/** The server that founds the cluster, if the inventory has one. */
export function founderOf({ hosts }: Pick<Cluster, 'hosts'>): Host | undefined {
  return hosts.find(({ firstServer }) => firstServer)
}

/** The servers of a cluster, in the order of the inventory. */
export function serversOf(cluster: Cluster): readonly Host[] {
  return cluster.hosts.filter(({ role }) => role === 'server')
}
