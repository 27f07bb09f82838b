import { nodeAddresses } from '../../model/addresses/node-addresses.ts'
import type { Role } from '../../model/cluster.ts'
import type { WholeCluster } from '../../model/servers-of.ts'
import type { Guard } from '../guard.ts'

/**
 * VRRP's own authentication protects nothing (RFC 9568 has none), so this rule decides who may send an advertisement.
 */
export function vrrpGuards({ cluster: { vip }, servers }: WholeCluster, role: Role): readonly Guard[] {
  if (vip?.manager !== 'keepalived' || role !== 'server') return []
  // through the address's own interface where it is named: node traffic may take another one
  const through = vip.interface === undefined ? {} : { interface: vip.interface }
  return [{ what: 'VRRP', protocol: 'vrrp', from: [{ addresses: servers.flatMap(nodeAddresses), ...through }] }]
}
