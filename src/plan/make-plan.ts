import { serversOf } from '../desired/servers-of.ts'
import type { HostName } from '../model/brands.ts'
import type { Cluster, Host } from '../model/cluster.ts'
import type { Facts } from '../probes/facts.ts'
import type { Rendered } from '../targets/rendered.ts'
import { restartWithoutData } from './data-gone.ts'
import { foreignNotes, foreignRefusals } from './foreign.ts'
import { isNew } from './joining.ts'
import { foreignDropIns } from './notes/foreign-drop-ins.ts'
import { renamed } from './notes/left-behind.ts'
import { otherPatch } from './notes/other-patch.ts'
import type { Operation } from './operation.ts'
import type { HostPlan, Plan } from './plan.ts'
import { planApi } from './plan-api.ts'
import { planHost, type Sources } from './plan-host.ts'
import { type NodeRecord, planNode } from './plan-node.ts'
import { backendNotes, fixedRefusals } from './refusals/fixed-at-first-start.ts'
import { expectedAddressFault, plannedAddressFault } from './refusals/node-address.ts'
import { hostRefusals } from './refusals/unfit-host.ts'
import { otherVersion } from './running-version.ts'

export interface Seen {
  readonly host: Host
  readonly rendered: Rendered
  readonly facts: Facts
  readonly sources: Sources
  /** The server on which the cluster still knows an earlier machine under this new host's name. */
  readonly forgetThrough?: HostName
  /** What a running server knows of this host's Node. */
  readonly record?: NodeRecord
  /** Hosts out of this deploy whose firewall does not know this new host yet. */
  readonly admitThrough?: readonly HostName[]
}

/** (wanted, facts) → plan. Pure. */
export function makePlan(cluster: Cluster, selected: readonly Seen[], caCertificate: string | undefined): Plan {
  const order = orderOf(cluster, selected)
  const hosts = selected.map((seen) => planOf(seen, order)).toSorted((a, b) => a.wave - b.wave)
  const { objects, refusals, notes } = planApi(cluster, selected, hosts)
  const servers = selected.filter(({ host }) => host.role === 'server')
  return {
    hosts,
    objects,
    refusals: [
      ...selected.flatMap(({ host, facts }) => hostRefusals(host, facts, caCertificate)),
      ...selected.flatMap((seen) => foreignRefusals(cluster, seen)),
      ...selected.flatMap((seen) => expectedAddressFault(cluster, seen)),
      ...selected.flatMap((seen) =>
        plannedAddressFault(cluster, seen, hosts.find(({ host }) => host === seen.host.name)?.operations ?? []),
      ),
      ...fixedRefusals(cluster, servers),
      ...refusals,
    ],
    notes: [
      ...selected.flatMap(({ host, facts }) => otherPatch(host, cluster.version, facts.k3s.version) ?? []),
      ...selected.flatMap(({ host, rendered, facts }) => otherVersion(host, cluster.version, rendered, facts)),
      ...selected.flatMap((seen) => foreignNotes(cluster, seen)),
      ...selected.flatMap(({ host, rendered, facts }) => foreignDropIns(host.name, rendered.unit, facts.dropIns)),
      ...backendNotes(cluster, servers),
      ...renamed(selected),
      ...notes,
    ],
  }
}

function planOf(
  { host, rendered, facts, sources, forgetThrough, record, admitThrough = [] }: Seen,
  order: readonly HostName[],
): HostPlan {
  const forget: Operation[] = forgetThrough === undefined ? [] : [{ op: 'forget-node', node: host.name, through: forgetThrough }]
  const admit = admitThrough.map((through): Operation => ({ op: 'admit-node', through }))
  const label = record === undefined ? [] : planNode(host, facts, record)
  return {
    host: host.name,
    role: host.role,
    wave: host.role === 'server' ? order.indexOf(host.name) : order.length,
    operations: [
      ...admit,
      ...forget,
      ...label,
      ...restartWithoutData(host, rendered.unit, facts, planHost(asNew(host, rendered, facts), facts, sources)),
    ],
  }
}

/**
 * A host without data does what its join file says: of the ways in that are right elsewhere (`WantedFile.alternatives`) only this plan's is right here. A
 * first server that lost its data would found a second cluster with what is still in its file.
 */
function asNew(host: Host, rendered: Rendered, facts: Facts): Rendered {
  if (rendered.kind === 'system' || !isNew(host, facts)) return rendered
  return { ...rendered, files: rendered.files.map(({ alternatives: _, ...file }) => file) }
}

/**
 * The servers one at a time (etcd takes one new member at a time), before all agents: the first server, then the others. The server that has the
 * cluster's address comes after them: it hands it over to one that is done, and it moves once. Last come those that the cluster does not know yet: a
 * NixOS server learns of its new peers by its own deploy.
 */
function orderOf(cluster: Cluster, selected: readonly Seen[]): readonly HostName[] {
  const holder = selected.find(({ facts }) => facts.vip?.holds)?.host.name
  const unknown = new Set(
    selected.flatMap(({ host, facts, forgetThrough }) => (isNew(host, facts) && forgetThrough === undefined ? [host.name] : [])),
  )
  const last = ({ name }: Host) => Number(unknown.has(name))
  return serversOf(cluster)
    .toSorted(
      (a, b) =>
        last(a) - last(b) ||
        Number(a.name === holder) - Number(b.name === holder) ||
        Number(b.firstServer) - Number(a.firstServer),
    )
    .map(({ name }) => name)
}
