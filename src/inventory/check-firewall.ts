import { nodeAddresses } from '../model/node-addresses.ts'
import type { Finding } from './definitions.ts'
import { type ClusterDraft, type HostDraft, isBroken } from './draft.ts'
import { listed } from './listed.ts'
import { firewallPolicyOf, osOf } from './settings.ts'

/** A firewall lets nodes in by their addresses: it needs those of all. */
export function checkFirewall(cluster: ClusterDraft, hosts: readonly HostDraft[]): Finding[] {
  return [...hosts.flatMap((host) => checkOs(host, cluster)), ...checkAddresses(cluster, hosts)]
}

function checkOs(host: HostDraft, cluster: ClusterDraft): Finding[] {
  const { firewall } = host.values
  if (firewall === undefined || firewall === false || osOf(host, cluster) !== 'nixos') return []
  return [
    {
      source: host.source,
      path: ['firewall'],
      code: 'firewall-nixos',
      found: 'a firewall on a NixOS host',
      why: "NixOS has one of its own, which the system's configuration says: networking.firewall",
      todo: 'leave it out',
    },
  ]
}

function checkAddresses(cluster: ClusterDraft, hosts: readonly HostDraft[]): Finding[] {
  if (isBroken(cluster, 'firewall')) return []
  const guarded = hosts.filter((host) => !isBroken(host, 'firewall') && firewallPolicyOf(host, cluster) !== false)
  if (guarded.length === 0) return []
  // alone it has nobody to let in
  if (hosts.length === 1) return []
  return hosts.flatMap(({ source, values, broken }): Finding[] => {
    const { address, nodeIP: nodeIPs = [] } = values
    if (address === undefined || isBroken({ broken }, 'nodeIP') || nodeAddresses({ nodeIPs, address }).length > 0) return []
    return [
      {
        source,
        path: ['nodeIP'],
        code: 'node-address',
        found: `no nodeIP, and SSH reaches it at ${address.host}, which is no address of a node`,
        why: `the firewall of ${listed(guarded.map((host) => host.source.name))} lets nodes in by their addresses`,
        todo: 'set nodeIP, or `firewall: false` in hosts/cluster',
      },
    ]
  })
}
