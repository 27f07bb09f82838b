import type { Fault } from '../../errors.ts'
import type { Host } from '../../model/cluster.ts'
import type { VipState } from './vip-state.ts'

/** What this host lacks to have the cluster's address. */
export function refuseVip(host: Host, vip: VipState): readonly Fault[] {
  if (vip.missing.length > 0) {
    return [
      {
        code: 'no-keepalived',
        at: host.name,
        found: `no ${vip.missing.join(', ')}`,
        why: 'keepalived moves the virtual IP, and keel installs no packages',
        todo: 'install them (`apt-get install keepalived openssl iproute2`), or choose another vip.manager',
      },
    ]
  }
  if (vip.interface !== undefined) return []
  return [
    {
      code: 'vip-interface',
      at: host.name,
      found: 'no interface whose network contains the virtual IP',
      why: 'nobody could reach the address: it must be in the network that the servers share',
      todo: 'correct vip.address, or name the interface: vip.interface',
    },
  ]
}
