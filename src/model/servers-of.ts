import type { Cluster, Host } from './cluster.ts'

/** A cluster's servers, in its order. */
export function serversOf(cluster: Cluster): readonly Host[] {
  return cluster.hosts.filter(({ role }) => role === 'server')
}
