import type { Fault } from '../../errors.ts'
import { nodeAddresses } from '../../model/addresses/node-addresses.ts'
import type { Cluster, Host } from '../../model/cluster.ts'
import type { FirewallState } from './firewall-state.ts'

/** What forbids a firewall on this host, or would make it block other nodes. */
export function refuseFirewall(host: Host, firewall: FirewallState): readonly Fault[] {
  if (!firewall.nft) {
    return [
      {
        code: 'no-nft',
        at: host.name,
        found: 'no nft',
        why: 'the inventory wants a firewall on this host, and keel needs nftables for it',
        todo: 'install it (`apt-get install nftables`), or set `firewall: false`',
      },
    ]
  }
  // behind NAT, its packets come from another address
  const [presumed] = host.nodeIPs.length > 0 ? [] : nodeAddresses(host)
  if (presumed === undefined || firewall.addresses.length === 0 || firewall.addresses.includes(presumed)) return []
  return [
    {
      code: 'node-address',
      at: host.name,
      found: `no nodeIP, and ${presumed}, at which SSH reaches it, is not one of its own addresses: ${firewall.addresses.join(', ')}`,
      why: 'the firewalls of the other nodes would block its packets',
      todo: 'set nodeIP to the address that it uses for traffic to other nodes',
    },
  ]
}

/** Which address k3s takes shows before it is there, by the default route; once it has a Node, that one says it. */
export function refuseNewHost(
  cluster: Cluster,
  host: Host,
  { ofDefaultRoute: taken, addresses }: FirewallState,
): readonly Fault[] {
  const [known] = nodeAddresses(host)
  const isSaid = host.nodeIPs.length > 0 || host.network.interface !== undefined
  if (isSaid || taken === undefined || known === undefined || taken === known || cluster.hosts.length === 1) return []
  // the check above names a host none of whose addresses this is
  if (!addresses.includes(known)) return []
  return [
    {
      code: 'node-address',
      at: host.name,
      found: `no nodeIP; SSH reaches the host at ${known}, but its default route uses ${taken}`,
      why: `k3s uses the address of the default route, but the firewalls of the other nodes accept only ${known}`,
      todo: `set nodeIP in hosts/${host.name} to the address at which the other nodes reach it`,
    },
  ]
}
