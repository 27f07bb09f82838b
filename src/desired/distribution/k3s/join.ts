import type { Cluster, Host } from '../../../model/cluster.ts'
import { addressOf, apiAt } from '../../../model/k3s/api-address.ts'
import type { ClusterState } from '../../cluster-state.ts'
import type { Join } from '../../host-state.ts'
import { k3sOf } from './k3s-of.ts'

/**
 * How a host gets into the cluster: the first server founds it, every other joins through a server that is in it.
 * @param through the server to join through; undefined: this host founds the cluster
 * @param vipStands whether the cluster's address is somewhere by then
 */
export function joinOf(cluster: Cluster, host: Host, through: Host | undefined, vipStands = true): Join {
  if (k3sOf(cluster).datastore === 'sqlite' && host.role === 'server') return { kind: 'alone' }
  if (through === undefined) return { kind: 'found' }
  const moving = vipStands && movesBefore(cluster, host) ? cluster.vip?.address : undefined
  return joining(moving ?? addressOf(through))
}

/**
 * Every other way in. It only matters to a host that has not joined yet (k3s ignores both flags on a server with data,
 * and an agent learns all servers once it has registered; docs/k3s.md, Start), and through which server depends on
 * which has data when the host comes, unless the cluster has an address that moves. So every way in is right once it is
 * there.
 */
export function otherWaysIn(
  { cluster, servers }: Pick<ClusterState, 'cluster' | 'servers'>,
  host: Host,
  join: Join,
): readonly Join[] {
  if (join.kind === 'alone') return []
  const founding: readonly Join[] = host.firstServer ? [{ kind: 'found' }] : []
  const moving = cluster.vip === undefined ? [] : [joining(cluster.vip.address)]
  const others = servers.filter(({ name }) => name !== host.name)
  return [...founding, ...moving, ...others.map((server) => joining(addressOf(server)))].filter(
    (way) => !isSame(way, join),
  )
}

function isSame(a: Join, b: Join): boolean {
  return a.kind === 'join' && b.kind === 'join' ? a.server === b.server : a.kind === b.kind
}

/**
 * Is the cluster's address anywhere before this host joins? keel waits for keepalived's; kube-vip and ha-vip come with
 * the servers.
 */
function movesBefore({ vip }: Cluster, { role }: Host): boolean {
  return vip?.manager === 'keepalived' || role === 'agent'
}

function joining(address: string): Join {
  return { kind: 'join', server: apiAt(address) }
}
