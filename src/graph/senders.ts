import { nodeAddresses } from '../model/addresses/node-addresses.ts'
import type { Cluster, Role } from '../model/cluster.ts'
import type { Source } from '../parts/guard.ts'

/** From where packets may come. */
export interface Senders {
  /** `all hosts`, `servers`, `Pods`, `anyone`, or networks. */
  readonly from: readonly string[]
  /** Only through this interface. */
  readonly through?: string
  /** The roles whose hosts are among them. */
  readonly callers: readonly Role[]
}

export const ANYONE = 'anyone'
/** The sources of a firewall that lets everybody in. */
export const EVERYWHERE: readonly string[] = ['0.0.0.0/0', '::/0']

/** Whose addresses the inventory knows, the largest first. */
const GROUPS = ['all hosts', 'servers', 'Pods'] as const

/** A sender that is no host or Pod of the cluster. */
export function isOutside(from: string): boolean {
  return !GROUPS.some((group) => group === from)
}

/** Names groups of addresses: a guard contains the address of each node. */
export function sendersOf(cluster: Cluster): (from: readonly Source[]) => Senders {
  const of = (role: Role) => cluster.hosts.filter((host) => host.role === role).flatMap(nodeAddresses)
  const [servers, agents] = [of('server'), of('agent')]
  const addresses = { 'all hosts': [...servers, ...agents], servers, Pods: cluster.networks.cluster }
  const roles = [
    { role: 'server', addresses: servers },
    { role: 'agent', addresses: agents },
  ] as const
  return (sources) => {
    const rest = new Set(sources.flatMap(({ addresses }) => addresses))
    const has = (addresses: readonly string[]) => addresses.length > 0 && addresses.every((one) => rest.has(one))
    const isOpen = has(EVERYWHERE)
    const callers = roles.filter(({ addresses }) => isOpen || has(addresses)).map(({ role }) => role)
    const through = sources.find((source) => source.interface !== undefined)?.interface
    const more = { ...(through === undefined ? {} : { through }), callers }
    if (isOpen) return { from: [ANYONE], ...more }
    const from: string[] = []
    for (const name of GROUPS) {
      if (!has(addresses[name])) continue
      from.push(name)
      for (const address of addresses[name]) rest.delete(address)
    }
    return { from: [...from, ...rest], ...more }
  }
}
