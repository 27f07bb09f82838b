import { plainFault } from '../errors.ts'
import type { HostName } from '../model/brands.ts'
import type { Host } from '../model/cluster.ts'
import { serversOf } from '../model/servers-of.ts'
import { somePart } from '../parts/by-part.ts'
import { isNew } from '../probes/distribution/is-new.ts'
import type { Facts } from '../probes/facts.ts'
import type { Rendered } from '../targets/rendered.ts'
import { recordOf } from './api/node-record.ts'
import { planApi } from './api/plan-api.ts'
import { planNode } from './api/plan-node.ts'
import { joinPermit } from './due-permit.ts'
import { restartWithoutData } from './host/data-gone.ts'
import { planHost } from './host/plan-host.ts'
import { notes } from './notes/index.ts'
import type { Operation } from './operation.ts'
import type { HostPlan, Plan } from './plan.ts'
import { refusals } from './refusals/index.ts'
import { admitThrough } from './view/admissions.ts'
import { type ClusterView, isServer, type SelectedHost } from './view/cluster-view.ts'
import { forgetThrough, unknownServers } from './view/forgetting.ts'
import { kubeletToLeave, uncordonThrough } from './view/kubelet-change.ts'
import { wayIn } from './view/ways-in.ts'

/** What deploy would do, what forbids it, and notes. Pure. */
export function makePlan(view: ClusterView): Plan {
  const waves = wavesOf(view)
  const hosts = view.selected.seen
    .map((one) => planOf(view, one, waves(one)))
    .toSorted((a, b) => a.wave - b.wave || Number(a.role === 'agent') - Number(b.role === 'agent'))
  const { faults } = view.selected
  return {
    hosts,
    objects: planApi(view, hosts),
    refusals: refusals(view, hosts),
    notes: notes(view, hosts),
    ...(faults.length === 0 ? {} : { unreachable: faults.map(plainFault) }),
  }
}

function planOf(view: ClusterView, one: SelectedHost, wave: number): HostPlan {
  const { host, facts, rendered, sources } = one
  const leaving = kubeletToLeave(view, one)
  const through = leaving?.through ?? forgetThrough(view, one)
  const forget: Operation[] = through === undefined ? [] : [{ op: 'forget-node', node: host.name, through }]
  const uncordon = forget.length > 0 ? undefined : uncordonThrough(view, one)
  const record = recordOf(view, host)
  const operations = planHost(asNew(host, rendered, facts), facts, sources)
  return {
    host: host.name,
    role: host.role,
    wave,
    operations: [
      ...admitThrough(view, host).map((name): Operation => ({ op: 'admit-node', through: name })),
      ...(leaving === undefined ? [] : leave(host, leaving)),
      ...forget,
      // a Node that is deleted comes back with those of the inventory
      ...(record === undefined || leaving !== undefined ? [] : planNode(rendered.node, facts, record)),
      ...letIn(view, one, operations),
      ...restartWithoutData(host, rendered, facts, operations),
      ...(uncordon === undefined ? [] : [{ op: 'uncordon-node' as const, node: host.name, through: uncordon }]),
    ],
  }
}

function leave({ name }: Host, { from, through }: NonNullable<ReturnType<typeof kubeletToLeave>>): Operation[] {
  return [
    { op: 'drain-node', node: name, through },
    { op: 'leave-kubelet', from },
  ]
}

/** A host that joins with a token gets one from the server through which it joins. */
function letIn(view: ClusterView, one: SelectedHost, operations: readonly Operation[]): readonly Operation[] {
  const through = joinPermit(one, operations) === undefined ? undefined : wayIn(view, one.host)
  return through === undefined ? [] : [{ op: 'let-in', node: one.host.name, through: through.name }]
}

/**
 * A host without data does what its join file says: of the ways in that are right elsewhere (`WantedFile.alternatives`)
 * only this plan's is right here. A first server that lost its data would found a second cluster with what is still in
 * its file.
 */
function asNew(host: Host, rendered: Rendered, facts: Facts): Rendered {
  if (rendered.kind === 'system' || !isNew(host, facts)) return rendered
  return { ...rendered, files: rendered.files.map(({ alternatives: _, ...file }) => file) }
}

/**
 * A wave for each server, then one for the agents. An agent that joins need not wait for the last server if that one
 * joins, too: all servers that are in the cluster already have had their turn by then. Last come, one by one, the hosts
 * whose Pods have to find another place.
 */
function wavesOf(view: ClusterView): (one: SelectedHost) => number {
  const order = orderOf(view)
  const last = view.selected.seen.find(({ host }) => host.name === order.at(-1))
  const isJoining = last !== undefined && isNew(last.host, last.facts) && wayIn(view, last.host) !== undefined
  const leaving = view.selected.seen.filter((one) => kubeletToLeave(view, one) !== undefined)
  return (one) => {
    if (isServer(one)) return order.indexOf(one.host.name)
    if (leaving.includes(one)) return order.length + 1 + leaving.indexOf(one)
    return isJoining && isNew(one.host, one.facts) ? order.length - 1 : order.length
  }
}

/**
 * The servers one at a time (etcd takes one new member at a time): the first server, then the others. The server that
 * has the cluster's address comes after them: it hands it over to one that is done, and it moves once. Last come those
 * that the cluster does not know yet: a NixOS server learns of its new peers by its own deploy.
 */
function orderOf(view: ClusterView): readonly HostName[] {
  const holds = ({ facts }: SelectedHost) => somePart(facts.parts, (part, seen) => part.holdsAddress?.(seen))
  const holder = view.selected.seen.find(holds)?.host.name
  const unknown = new Set(unknownServers(view).map(({ host }) => host.name))
  const last = ({ name }: Host) => Number(unknown.has(name))
  return serversOf(view.cluster)
    .toSorted(
      (a, b) =>
        last(a) - last(b) ||
        Number(a.name === holder) - Number(b.name === holder) ||
        Number(b.firstServer) - Number(a.firstServer),
    )
    .map(({ name }) => name)
}
