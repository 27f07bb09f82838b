import { nodeAddresses } from '../../model/addresses/node-addresses.ts'
import type { Finding } from '../definitions.ts'
import { type ClusterDraft, type HostDraft, isBroken } from '../draft.ts'
import { firewallPolicyOf, osOf } from '../settings.ts'
import { listed } from './listed.ts'

/** A firewall recognises nodes by their addresses, so it needs those of all nodes. */
export function checkFirewall(cluster: ClusterDraft, hosts: readonly HostDraft[]): Finding[] {
  if (isBroken(cluster, 'firewall')) return []
  const guarded = hosts.filter((host) => !isBroken(host, 'firewall') && needsAddresses(host, cluster))
  if (guarded.length === 0) return []
  // a single host has no other node to accept
  if (hosts.length === 1) return []
  return hosts.flatMap(({ source, values, broken }): Finding[] => {
    const { address, nodeIP: nodeIPs = [] } = values
    if (address === undefined || isBroken({ broken }, 'nodeIP') || nodeAddresses({ nodeIPs, address }).length > 0)
      return []
    return [
      {
        source,
        path: ['nodeIP'],
        code: 'node-address',
        found: `no nodeIP, and SSH reaches it at ${address.host}, which cannot be the address of a node`,
        why: `the firewall of ${listed(guarded.map((host) => host.source.name))} recognises nodes by their addresses`,
        todo: 'set nodeIP, or `firewall: false` in hosts/cluster',
      },
    ]
  })
}

/**
 * On NixOS a named interface is opened as a whole. Without one, the ports stay closed for a node whose address is
 * unknown, as before.
 */
function needsAddresses(host: HostDraft, cluster: ClusterDraft): boolean {
  return firewallPolicyOf(host, cluster) !== false && osOf(host, cluster) !== 'nixos'
}
