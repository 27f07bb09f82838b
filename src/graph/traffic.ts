import type { Ports } from './ports.ts'
import { isOutside } from './senders.ts'
import type { Topology } from './topology.ts'

/** What goes between the groups of hosts in a picture. */
export interface Traffic {
  readonly ssh: readonly Ports[]
  /** What servers open to others than hosts and Pods, and to whom. */
  readonly fromOutside: readonly Ports[]
  readonly clients: readonly string[]
  readonly betweenServers: readonly Ports[]
  /** From agents. */
  readonly toServers: readonly Ports[]
  /** Agents to servers, and servers to agents. */
  readonly bothWays: readonly Ports[]
}

export function trafficOf({ ports, servers, agents }: Topology): Traffic {
  const ssh = ports.filter(({ callers, what }) => what === 'SSH' && callers.length === 0)
  const others = ports.filter((one) => !ssh.includes(one))
  const fromOutside = others.filter(({ listeners, from }) => listeners.includes('server') && from.some(isOutside))
  const up = others.filter(({ callers, listeners }) => callers.includes('agent') && listeners.includes('server'))
  const down = others.filter(({ callers, listeners }) => callers.includes('server') && listeners.includes('agent'))
  const hasAgents = agents.length > 0
  return {
    ssh,
    fromOutside,
    clients: [...new Set(fromOutside.flatMap(({ from }) => from.filter(isOutside)))],
    betweenServers:
      servers.length < 2
        ? []
        : others.filter(
            (one) =>
              one.callers.includes('server') &&
              one.listeners.includes('server') &&
              !(hasAgents && (up.includes(one) || down.includes(one))),
          ),
    toServers: hasAgents ? up.filter((one) => !down.includes(one)) : [],
    bothWays: hasAgents ? down : [],
  }
}
