import type { Cluster, Host } from '../../../model/cluster.ts'
import { addressOf, apiAt } from '../../../model/k3s/api-address.ts'
import { k3sPaths } from '../../../model/k3s/paths.ts'
import { vkubeletCa, vkubeletPaths } from '../../../model/systemd-kubelet/paths.ts'
import type { OfDistribution } from '../vkubelet/vkubelet-node.ts'
import { k3sOf } from './k3s-of.ts'

/** How keel-vkubelet joins a cluster of k3s: with the token of agents, and the password of its node. */
export function k3sVkubelet(cluster: Cluster, host: Host): OfDistribution {
  const { agentToken } = k3sOf(cluster).secrets
  return {
    servers: host.role === 'server' ? [apiAt('127.0.0.1')] : serversFor(cluster),
    join: {
      kind: 'k3s',
      token: `/run/credentials/${vkubeletPaths.unit}/${agentToken}`,
      nodePassword: k3sPaths.nodePassword,
    },
    ca: vkubeletCa.k3s,
    credentials: [agentToken],
    hidden: [k3sPaths.roots.configuration, k3sPaths.roots.data],
  }
}

/** The address that moves, then each server: without k3s there is no load balancer on the host. */
function serversFor({ vip, hosts }: Cluster): string[] {
  const servers = hosts.filter(({ role }) => role === 'server').map(addressOf)
  return [...new Set([...(vip === undefined ? [] : [vip.address]), ...servers])].map(apiAt)
}
