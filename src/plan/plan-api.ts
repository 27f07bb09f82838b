import { clusterObjectsOf } from '../desired/cluster-objects.ts'
import { serversOf } from '../desired/servers-of.ts'
import type { Fault } from '../errors.ts'
import type { Cluster, Host } from '../model/cluster.ts'
import type { Facts } from '../probes/facts.ts'
import { isNew } from './joining.ts'
import type { HostNote, HostPlan, ObjectsPlan } from './plan.ts'
import { foreignObjects, planObjects } from './plan-objects.ts'

interface Asked {
  readonly host: Host
  readonly facts: Facts
}

export interface ApiPlan {
  readonly objects: ObjectsPlan
  readonly refusals: readonly Fault[]
  readonly notes: readonly HostNote[]
}

/**
 * What happens in the cluster's API, through the first of a deploy's servers that answers, and what forbids it: each server has the same answer. Pure.
 * @param plans of the same hosts, in their order
 */
export function planApi(cluster: Cluster, selected: readonly Asked[], plans: readonly HostPlan[]): ApiPlan {
  const wanted = clusterObjectsOf(cluster)
  const servers = plans.flatMap(({ host, role, operations }) =>
    role === 'server'
      ? selected.filter((one) => one.host.name === host).map((one) => ({ ...one, changes: operations.length > 0 }))
      : [],
  )
  const answering = servers.find(({ facts }) => facts.objects !== undefined)
  const through = (answering ?? servers[0])?.host.name
  const nothing: ApiPlan = { objects: { operations: [] }, refusals: [], notes: [] }
  if (through === undefined) return { ...nothing, notes: wanted.length === 0 ? [] : unasked(cluster) }
  const live = answering?.facts.objects ?? (isFounding(cluster, servers) ? [] : undefined)
  if (live !== undefined) {
    const operations = planObjects(wanted, live)
    return {
      ...nothing,
      objects: operations.length === 0 ? { operations } : { operations, through },
      refusals: foreignObjects(wanted, live, through),
    }
  }
  // one that runs and does not answer yet is still starting, as after a reboot: that is no change
  const isSeenLater = wanted.length > 0 && servers.some(({ changes }) => changes)
  return isSeenLater ? { ...nothing, objects: { operations: [{ op: 'see-objects' }], through } } : nothing
}

function unasked(cluster: Cluster): readonly HostNote[] {
  const server = serversOf(cluster)[0]?.name
  if (server === undefined) return []
  return [
    {
      code: 'objects-unasked',
      at: server,
      found: "neither it nor another server is in this deploy, so nobody asks the API for keel's objects",
      todo: `\`keel plan ${server}\` shows whether they are as the inventory says`,
    },
  ]
}

/** No server has data, so the API that comes has none of keel's. */
function isFounding(cluster: Cluster, servers: readonly Asked[]): boolean {
  const isMissing = (server: Host) => servers.some(({ host, facts }) => host.name === server.name && isNew(host, facts))
  return serversOf(cluster).every(isMissing)
}
