import type { Cluster, Host } from '../model/cluster.ts'

/** A cluster's servers, in its order. Looked for once: every host asks, and for thousands of them that would be most of a rendering. */
export function serversOf(cluster: Cluster): readonly Host[] {
  const known = found.get(cluster)
  if (known !== undefined) return known
  const servers = cluster.hosts.filter(({ role }) => role === 'server')
  found.set(cluster, servers)
  return servers
}

const found = new WeakMap<Cluster, readonly Host[]>()
