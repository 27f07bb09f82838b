import type { HostName } from '../../model/brands.ts'
import { isNew } from '../../probes/distribution/is-new.ts'
import { type ClusterView, isServer, type SeenHost } from './cluster-view.ts'

/**
 * The server on which an earlier machine of a new host's name is to be forgotten first: k3s refuses the new one until
 * that Node, its password and a server's etcd member are gone (docs/k3s.md, Nodes).
 */
export function forgetThrough({ remembered }: ClusterView, { host, facts }: SeenHost): HostName | undefined {
  if (remembered === undefined || !isNew(host, facts)) return undefined
  const { nodes, passwords, etcd } = remembered.members
  const known = [...nodes, ...passwords, ...etcd]
  return [host.name, ...host.nodeIPs].some((name) => known.includes(name)) ? remembered.at : undefined
}

/** The selected servers that the cluster has never known, not even as an earlier machine. */
export function unknownServers(view: ClusterView): readonly SeenHost[] {
  return view.selected.seen.filter(
    (one) => isServer(one) && isNew(one.host, one.facts) && forgetThrough(view, one) === undefined,
  )
}
