import { nodeAddresses } from '../model/addresses/node-addresses.ts'
import type { Cluster, Host, VirtualIp } from '../model/cluster.ts'
import { serversOf } from './servers-of.ts'

/** Who may reach which ports of a host. What no guard names is not keel's: it stays as open or closed as it is. */
export interface Firewall {
  /** keel's own way in, open whatever the guards say. */
  readonly sshPort: number
  readonly guards: readonly Guard[]
}

/** Ports, or a protocol without any, that only some may reach: the first source that fits lets a packet in, everybody else's is dropped. */
export type Guard = { readonly what: string; readonly from: readonly Source[] } & Guarded

export type Guarded =
  | { readonly protocol: 'tcp' | 'udp'; readonly ports: readonly PortRange[] }
  /** IP protocol 112 (RFC 5798, 5.1.1.4). */
  | { readonly protocol: 'vrrp' }

export type PortRange = number | readonly [first: number, last: number]

export interface Source {
  /** Addresses and CIDRs, IPv4 and IPv6. */
  readonly addresses: readonly string[]
  /** Only what comes through this interface. */
  readonly interface?: string
}

/**
 * The ports of k3s (docs.k3s.io, Requirements), the same ones on every host: each to the nodes of the inventory and to nobody else, but for the API server.
 * Where the host names the interface of node traffic, node traffic has to come through it: who can forge a node's address elsewhere gets no packet in
 * (VXLAN has no authentication at all).
 * @returns undefined where the inventory leaves the host's ports alone; one and the same value for all hosts of a cluster that are alike in this
 */
export function firewallOf(cluster: Cluster, host: Host): Firewall | undefined {
  if (host.firewall === false) return undefined
  const { role, address, network, firewall } = host
  const settings: Settings = { role, sshPort: address.port, interface: network.interface, api: firewall.api }
  // it names every node: made anew for each, a cluster of 1,000 hosts would cost a million addresses
  const ofCluster = made.get(cluster) ?? new Map<string, Firewall>()
  made.set(cluster, ofCluster)
  const key = JSON.stringify(settings)
  const one = ofCluster.get(key) ?? firewallWith(settings, cluster)
  ofCluster.set(key, one)
  return one
}

const made = new WeakMap<Cluster, Map<string, Firewall>>()

/** All of a host that its firewall depends on. */
interface Settings {
  readonly role: Host['role']
  readonly sshPort: number
  readonly interface: string | undefined
  readonly api: readonly string[]
}

function firewallWith(settings: Settings, cluster: Cluster): Firewall {
  const nodes = cluster.hosts.flatMap(nodeAddresses)
  const servers = serversOf(cluster)
  const pods = { addresses: cluster.networks.cluster }
  const through = settings.interface === undefined ? {} : { interface: settings.interface }
  const between = (what: string, protocol: 'tcp' | 'udp', ports: readonly PortRange[], ...more: readonly Source[]): Guard => ({
    what,
    protocol,
    ports,
    from: [{ addresses: nodes, ...through }, ...more],
  })
  // a server's flags; those that matter here are the same on all of them
  const flags = servers[0]?.k3s ?? {}
  const isWireguard = flags['flannel-backend'] === 'wireguard-native'
  return {
    sshPort: settings.sshPort,
    guards: [
      { what: 'Kubernetes API', protocol: 'tcp', ports: [6443], from: [{ addresses: [...settings.api, ...nodes] }, pods] },
      { what: 'etcd', protocol: 'tcp', ports: [[2379, 2380]], from: [{ addresses: servers.flatMap(nodeAddresses), ...through }] },
      between('kubelet', 'tcp', [10250], pods),
      between('flannel, VXLAN', 'udp', [8472]),
      // only where flannel listens there: a user's own WireGuard has the same port
      ...(isWireguard ? [between('flannel, WireGuard', 'udp', [[51820, 51821]])] : []),
      // through the address's own interface where it is named: node traffic may take another one
      ...(cluster.vip?.manager === 'keepalived' && settings.role === 'server' ? [vrrpGuard(servers, cluster.vip)] : []),
      ...(flags['embedded-registry'] === true ? [between('embedded registry', 'tcp', [5001])] : []),
    ],
  }
}

/** VRRP's own authentication is worth nothing (RFC 9568 has none at all): who may send an advertisement is decided here. */
function vrrpGuard(servers: readonly Host[], vip: VirtualIp): Guard {
  const through = vip.interface === undefined ? {} : { interface: vip.interface }
  return { what: 'VRRP', protocol: 'vrrp', from: [{ addresses: servers.flatMap(nodeAddresses), ...through }] }
}
