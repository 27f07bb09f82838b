import type { Fault } from '../../errors.ts'
import { parseNodeIp } from '../../model/addresses/ip.ts'
import { nodeAddresses } from '../../model/addresses/node-addresses.ts'
import type { Cluster, Host } from '../../model/cluster.ts'
import type { Facts } from '../../probes/facts.ts'
import { hasOperation, type Operation } from '../operation.ts'

/**
 * The addresses that a Node took, against those by which the other nodes' firewalls let it in: where they differ, the
 * API server does not reach its kubelet, nor Pods on other nodes its own. Nobody compares them where no host has a
 * firewall: there the two may differ with good reason. Pure.
 * @param held the Node's InternalIPs, as the API has them
 */
export function nodeAddressFault(cluster: Cluster, host: Host, held: readonly string[]): Fault | undefined {
  const known = nodeAddresses(host)
  const isGuarded = cluster.hosts.length > 1 && cluster.hosts.some(({ firewall }) => firewall !== false)
  const taken = held.flatMap(canonical)
  if (!isGuarded || taken.length === 0 || known.length === 0) return undefined
  const unknown = taken.filter((address) => !known.includes(address))
  const missing = host.nodeIPs.filter((address) => !taken.includes(address))
  if (unknown.length === 0 && missing.length === 0) return undefined
  const list = (addresses: readonly string[]) => addresses.join(' and ')
  return {
    code: 'node-address',
    at: host.name,
    found: `its Node has the address ${list(taken)}, but the firewalls of the other nodes accept ${list(known)}`,
    why: `${
      host.nodeIPs.length > 0
        ? 'k3s was started with another address than nodeIP'
        : `without nodeIP k3s uses ${host.network.interface === undefined ? 'the address of the default route' : `an address of ${host.network.interface}`}`
    }; packets between this node and the others are dropped`,
    todo:
      host.nodeIPs.length > 0
        ? `check that ${list(host.nodeIPs)} is an address of the host (\`ip address\`) and that nothing else sets node-ip, then restart k3s on it`
        : host.role === 'server'
          ? // etcd knows its member by that address
            `set nodeIP in hosts/${host.name}: \`${written(taken)}\`; then \`keel deploy\``
          : `set nodeIP in hosts/${host.name}: \`${written(known)}\` if that is where node traffic goes, else \`${written(taken)}\`; then \`keel deploy\``,
  }
}

/** The same of a plan: a start of k3s with nodeIP, which is due, brings the Node the right one. */
export function plannedAddressFault(
  cluster: Cluster,
  { host, facts }: { readonly host: Host; readonly facts: Facts },
  operations: readonly Operation[],
): readonly Fault[] {
  const isDue = hasOperation(operations, 'start-unit', 'restart-unit', 'switch-system')
  if (host.nodeIPs.length > 0 && isDue) return []
  const fault = nodeAddressFault(cluster, host, facts.status?.addresses ?? [])
  return fault === undefined ? [] : [fault]
}

function written(addresses: readonly string[]): string {
  return addresses.length === 1
    ? `nodeIP: '${addresses[0]}'`
    : `nodeIP: [${addresses.map((address) => `'${address}'`).join(', ')}]`
}

/** None where the host says something that is no address. */
function canonical(text: string): readonly string[] {
  try {
    return [parseNodeIp(text)]
  } catch {
    return []
  }
}
