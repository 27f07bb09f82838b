import type { Fault } from '../../errors.ts'
import type { HostName } from '../../model/brands.ts'
import type { Cluster, Host } from '../../model/cluster.ts'
import type { ClusterMembers } from '../../probes/cluster/cluster-members.ts'
import { isNew } from '../../probes/distribution/is-new.ts'
import type { Facts } from '../../probes/facts.ts'
import type { Rendered } from '../../targets/rendered.ts'
import type { Sources } from '../host/plan-host.ts'

/** A host that answered: what the inventory wants of it, and what was seen on it. */
export interface SeenHost {
  readonly host: Host
  readonly rendered: Rendered
  readonly facts: Facts
}

/** The same, where only its folders matter of what is wanted. */
export type SeenPlaces = Pick<SeenHost, 'host' | 'facts'> & { readonly rendered: Pick<Rendered, 'places'> }

/** One that is to be deployed. */
export interface SelectedHost extends SeenHost {
  readonly sources: Sources
}

/** What hosts answered, and why others did not. */
export interface Answers<Seen extends SeenHost = SeenHost> {
  readonly seen: readonly Seen[]
  readonly faults: readonly Fault[]
}

/** What the cluster remembers of its hosts, and the server that told it. */
export interface Remembered {
  readonly at: HostName
  readonly members: ClusterMembers
}

/** All that a plan is made of: what the inventory wants, and what was seen. A plan asks nothing more. */
export interface ClusterView {
  readonly cluster: Cluster
  /** `2026-11-29` */
  readonly today: string
  /** PEM; absent for a cluster taken over from elsewhere. */
  readonly caCertificate?: string
  /** The hosts that this deploy is about, in the inventory's order. */
  readonly selected: Answers<SelectedHost>
  /** Hosts that were asked only because the selected ones depend on them (`whoToAsk`). */
  readonly others: Answers
  /** Absent where no server could tell. */
  readonly remembered?: Remembered
  /** A host may change its kind of kubelet: its Pods leave it first. */
  readonly drain?: true
}

export function isServer({ host }: { readonly host: Host }): boolean {
  return host.role === 'server'
}

/** Every server that answered: the selected ones, then the others. */
export function serversSeen({
  selected,
  others,
}: {
  readonly selected: Answers
  readonly others: Answers
}): readonly SeenHost[] {
  return [...selected.seen, ...others.seen].filter(isServer)
}

/** The selected hosts on which k3s has never been in a cluster. */
export function arriving<Seen extends SeenHost>({ selected }: { readonly selected: Answers<Seen> }): readonly Seen[] {
  return selected.seen.filter(({ host, facts }) => isNew(host, facts))
}

/** Why servers did not answer: the others, then the selected ones. */
export function silentServers({ cluster, selected, others }: ClusterView): readonly Fault[] {
  return [...others.faults, ...selected.faults].filter((fault) => isOfServer(cluster, fault))
}

/** Whether a host that did not answer is a server. */
export function isOfServer(cluster: Cluster, { at }: Fault): boolean {
  return cluster.hosts.some(({ name, role }) => name === at && role === 'server')
}
