import { nodeAddresses } from '../../model/addresses/node-addresses.ts'
import type { Cluster, Host, VirtualIp } from '../../model/cluster.ts'

/** Who may reach which ports of a host. keel does not change ports that no guard names. */
export interface Firewall {
  /** The SSH port that keel uses; it is always open. */
  readonly sshPort: number
  readonly guards: readonly Guard[]
}

/**
 * Ports, or a protocol without any, that only some may reach: packets from one of these sources are accepted, all
 * others are dropped.
 */
export type Guard = { readonly what: string; readonly from: readonly Source[] } & Guarded

type Guarded =
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

/** By all that a host's firewall depends on, as JSON: hosts that are alike have one and the same. */
export type Firewalls = ReadonlyMap<string, Firewall>

/**
 * The firewalls of a cluster's hosts, each made once: it names every node, and for 1,000 hosts that would be a million
 * addresses.
 */
export function firewallsOf(cluster: Cluster, servers: readonly Host[]): Firewalls {
  const nodes = cluster.hosts.flatMap(nodeAddresses)
  const settings = new Map(cluster.hosts.flatMap(settingsOf).map((one) => [JSON.stringify(one), one]))
  return new Map([...settings].map(([key, one]) => [key, firewallWith(one, cluster, servers, nodes)]))
}

/** @returns undefined where the inventory leaves the host's ports alone */
export function firewallOf(firewalls: Firewalls, host: Host): Firewall | undefined {
  const [settings] = settingsOf(host)
  if (settings === undefined) return undefined
  const firewall = firewalls.get(JSON.stringify(settings))
  if (firewall === undefined) throw new Error(`${host.name} is no host of this cluster`)
  return firewall
}

/** All of a host that its firewall depends on. */
interface Settings {
  readonly role: Host['role']
  readonly sshPort: number
  readonly interface: string | undefined
  readonly api: readonly string[]
}

function settingsOf({ role, address, network, firewall }: Host): readonly Settings[] {
  if (firewall === false) return []
  return [{ role, sshPort: address.port, interface: network.interface, api: firewall.api }]
}

/**
 * The ports of k3s (docs.k3s.io, Requirements), the same ones on every host: each to the nodes of the inventory and to
 * nobody else, except for the API server. Where the host names the interface of node traffic, node traffic has to come
 * through it: who can forge a node's address elsewhere gets no packet in (VXLAN has no authentication at all).
 */
function firewallWith(settings: Settings, cluster: Cluster, servers: readonly Host[], nodes: readonly string[]): Firewall {
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

/**
 * VRRP's own authentication protects nothing (RFC 9568 has none), so this rule decides who may send an advertisement.
 */
function vrrpGuard(servers: readonly Host[], vip: VirtualIp): Guard {
  const through = vip.interface === undefined ? {} : { interface: vip.interface }
  return { what: 'VRRP', protocol: 'vrrp', from: [{ addresses: servers.flatMap(nodeAddresses), ...through }] }
}
