import type { HostName } from '../../model/brands.ts'
import type { LiveObject } from '../../model/kubernetes/cluster-object.ts'
import { serversOf } from '../../model/servers-of.ts'
import { isNew } from '../../probes/distribution/is-new.ts'
import type { HostPlan } from '../plan.ts'
import { type ClusterView, isServer } from '../view/cluster-view.ts'

/** What a deploy's servers tell of the cluster's API. */
export interface ApiSeen {
  /** The first of them that answers, else the first: each has the same answer. */
  readonly through: HostName
  /** Absent if none answers although there is a cluster. */
  readonly live?: readonly LiveObject[]
}

/**
 * Undefined where a deploy has no server.
 * @param plans of the selected hosts, in their order
 */
export function apiSeen({ cluster, selected }: ClusterView, plans: readonly HostPlan[]): ApiSeen | undefined {
  const servers = plans.flatMap((plan) => selected.seen.filter((one) => isServer(one) && one.host.name === plan.host))
  const answering = servers.find(({ facts }) => facts.objects !== undefined)
  const through = (answering ?? servers[0])?.host.name
  if (through === undefined) return undefined
  // no server has data, so the API that comes has none of keel's objects
  const isFounding = serversOf(cluster).every(({ name }) =>
    servers.some(({ host, facts }) => host.name === name && isNew(host, facts)),
  )
  const live = answering?.facts.objects ?? (isFounding ? [] : undefined)
  return { through, ...(live === undefined ? {} : { live }) }
}
