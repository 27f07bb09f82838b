import { clusterStateOf } from '../desired/cluster-state.ts'
import type { Cluster, Host, Role } from '../model/cluster.ts'
import type { Guard } from '../parts/guard.ts'
import { nameHosts } from './name-hosts.ts'
import { ANYONE, EVERYWHERE, type Senders, sendersOf } from './senders.ts'

/** Ports that the hosts of a cluster serve, and who may reach them. */
export interface Ports extends Senders {
  readonly what: string
  /** `6443/tcp`, `2379-2380/tcp`, or `protocol 112`. */
  readonly ports: string
  readonly on: readonly string[]
  /** The roles of the hosts that it is on. */
  readonly listeners: readonly Role[]
}

type Opening = Omit<Ports, 'on' | 'listeners'>

/** What the firewalls of a cluster open. Without keel's firewall a host has the same ports, open to everybody. */
export function portsOf(cluster: Cluster): readonly Ports[] {
  const rows = new Map<string, { readonly opening: Opening; readonly hosts: Host[] }>()
  const { partsOf } = clusterStateOf({ ...cluster, hosts: cluster.hosts.map(guarded) })
  const openings = openingsIn(cluster)
  for (const host of cluster.hosts) {
    const guards = partsOf(guarded(host)).firewall?.guards ?? []
    const served = guards.filter(({ servedBy }) => servedBy === undefined || servedBy === host.role)
    for (const opening of [sshOf(host), ...served.map((guard) => openings(guard, host.firewall === false))]) {
      const key = JSON.stringify(opening)
      const row = rows.get(key) ?? { opening, hosts: [] }
      row.hosts.push(host)
      rows.set(key, row)
    }
  }
  return [...rows.values()]
    .filter(({ opening, hosts }) => !isWithinOneHost(opening, hosts, cluster))
    .map(({ opening, hosts }) => ({
      ...opening,
      on: nameHosts(cluster, hosts),
      listeners: (['server', 'agent'] as const).filter((role) => hosts.some((host) => host.role === role)),
    }))
}

function guarded(host: Host): Host {
  return host.firewall === false ? { ...host, firewall: { api: EVERYWHERE } } : host
}

function sshOf({ address }: Host): Opening {
  return { what: 'SSH', ports: `${address.port}/tcp`, from: [ANYONE], callers: [] }
}

/** Each guard is read once: hosts that are alike share theirs. */
function openingsIn(cluster: Cluster): (guard: Guard, toAnyone: boolean) => Opening {
  const senders = sendersOf(cluster)
  const known = new Map<Guard, Opening>()
  return (guard, toAnyone) => {
    const opening = known.get(guard) ?? { what: guard.what, ports: portsText(guard), ...senders(guard.from) }
    known.set(guard, opening)
    return toAnyone ? { ...opening, from: [ANYONE] } : opening
  }
}

function portsText(guard: Guard): string {
  if (guard.protocol === 'vrrp') return 'protocol 112'
  return `${guard.ports.map((port) => (typeof port === 'number' ? port : port.join('-'))).join(',')}/${guard.protocol}`
}

/** etcd where there is one server: nothing comes from another host. */
function isWithinOneHost({ from }: Opening, hosts: readonly Host[], cluster: Cluster): boolean {
  return from.join() === 'servers' && hosts.length === 1 && nameHosts(cluster, hosts).join() === 'servers'
}
