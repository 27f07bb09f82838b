import { clusterObjectsOf } from '../desired/cluster-objects.ts'
import type { Fault } from '../errors.ts'
import type { Cluster, Host } from '../model/cluster.ts'
import type { Facts } from '../probes/facts.ts'
import { isNew } from './joining.ts'
import type { HostPlan, ObjectsPlan } from './plan.ts'
import { foreignObjects, planObjects } from './plan-objects.ts'

interface Asked {
  readonly host: Host
  readonly facts: Facts
}

/**
 * What happens in the cluster's API, through the first of a deploy's servers that answers, and what forbids it: each server has the same answer. Pure.
 * @param plans of the same hosts, in their order
 */
export function planApi(
  cluster: Cluster,
  selected: readonly Asked[],
  plans: readonly HostPlan[],
): { readonly objects: ObjectsPlan; readonly refusals: readonly Fault[] } {
  const wanted = clusterObjectsOf(cluster)
  const servers = plans.flatMap(({ host, role, operations }) =>
    role === 'server'
      ? selected.filter((one) => one.host.name === host).map((one) => ({ ...one, changes: operations.length > 0 }))
      : [],
  )
  const answering = servers.find(({ facts }) => facts.objects !== undefined)
  const through = (answering ?? servers[0])?.host.name
  if (through === undefined) return { objects: withoutServer(cluster, wanted.length > 0), refusals: [] }
  const live = answering?.facts.objects ?? (isFounding(cluster, servers) ? [] : undefined)
  if (live !== undefined) {
    const operations = planObjects(wanted, live)
    return {
      objects: operations.length === 0 ? { operations } : { operations, through },
      refusals: foreignObjects(wanted, live, through),
    }
  }
  // one that runs and does not answer yet is still starting, as after a reboot: that is no change
  const isSeenLater = wanted.length > 0 && servers.some(({ changes }) => changes)
  return { objects: isSeenLater ? { operations: [{ op: 'see-objects' }], through } : { operations: [] }, refusals: [] }
}

function withoutServer({ hosts }: Cluster, wantsAny: boolean): ObjectsPlan {
  const server = hosts.find(({ role }) => role === 'server')
  return { operations: [], ...(wantsAny && server !== undefined ? { unasked: server.name } : {}) }
}

/** No server has data, so the API that comes has none of keel's. */
function isFounding({ hosts }: Cluster, servers: readonly Asked[]): boolean {
  const isMissing = (server: Host) => servers.some(({ host, facts }) => host.name === server.name && isNew(host, facts))
  return hosts.filter(({ role }) => role === 'server').every(isMissing)
}
