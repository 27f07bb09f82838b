import { nodeAddresses } from '../../model/addresses/node-addresses.ts'
import type { Host } from '../../model/cluster.ts'
import type { WholeCluster } from '../../model/servers-of.ts'
import type { Guard, GuardsOf, PortRange, Source } from '../guard.ts'

/** Who may reach which ports of a host. keel does not change ports that no guard names. */
export interface Firewall {
  /** The SSH port that keel uses; it is always open. */
  readonly sshPort: number
  readonly guards: readonly Guard[]
}

/** By all that a host's firewall depends on, as JSON: hosts that are alike have one and the same. */
export type Firewalls = ReadonlyMap<string, Firewall>

/**
 * The firewalls of a cluster's hosts, each made once: it names every node, and for 1,000 hosts that would be a million
 * addresses.
 */
export function firewallsOf(whole: WholeCluster, guardsOf: GuardsOf): Firewalls {
  const { cluster } = whole
  const nodes = cluster.hosts.flatMap(nodeAddresses)
  const settings = new Map(cluster.hosts.flatMap(settingsOf).map((one) => [JSON.stringify(one), one]))
  return new Map([...settings].map(([key, one]) => [key, firewallWith(one, whole, nodes, guardsOf(one.role))]))
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
 * @param ofParts the ports of the host's other parts
 */
function firewallWith(
  settings: Settings,
  { cluster, servers }: WholeCluster,
  nodes: readonly string[],
  ofParts: readonly Guard[],
): Firewall {
  const pods = { addresses: cluster.networks.cluster }
  const through = settings.interface === undefined ? {} : { interface: settings.interface }
  const between = (
    what: string,
    protocol: 'tcp' | 'udp',
    ports: readonly PortRange[],
    ...more: readonly Source[]
  ): Guard => ({
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
      {
        what: 'Kubernetes API',
        protocol: 'tcp',
        ports: [6443],
        from: [{ addresses: [...settings.api, ...nodes] }, pods],
        servedBy: 'server',
      },
      {
        what: 'etcd',
        protocol: 'tcp',
        ports: [[2379, 2380]],
        from: [{ addresses: servers.flatMap(nodeAddresses), ...through }],
        servedBy: 'server',
      },
      between('kubelet', 'tcp', [10250], pods),
      between('flannel, VXLAN', 'udp', [8472]),
      // only where flannel listens there: a user's own WireGuard has the same port
      ...(isWireguard ? [between('flannel, WireGuard', 'udp', [[51820, 51821]])] : []),
      ...ofParts,
      ...(flags['embedded-registry'] === true ? [between('embedded registry', 'tcp', [5001])] : []),
    ],
  }
}
