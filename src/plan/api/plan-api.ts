import { clusterObjectsOf } from '../../desired/cluster-objects.ts'
import type { HostPlan, ObjectsPlan } from '../plan.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import { apiSeen } from './api-seen.ts'
import { planObjects } from './plan-objects.ts'

/**
 * What happens to keel's objects in the cluster's API. Pure.
 * @param plans of the selected hosts, in their order
 */
export function planApi(view: ClusterView, plans: readonly HostPlan[]): ObjectsPlan {
  const wanted = clusterObjectsOf(view.cluster)
  const seen = apiSeen(view, plans)
  if (seen === undefined) return { operations: [] }
  const { through, live } = seen
  if (live !== undefined) {
    const operations = planObjects(wanted, live)
    return operations.length === 0 ? { operations } : { operations, through }
  }
  // a server that runs but does not answer yet is still starting, for example after a reboot: that is no change
  const isSeenLater =
    wanted.length > 0 && plans.some(({ role, operations }) => role === 'server' && operations.length > 0)
  return isSeenLater ? { operations: [{ op: 'see-objects' }], through } : { operations: [] }
}
