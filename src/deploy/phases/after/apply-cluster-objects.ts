import { clusterObjectsOf } from '../../../desired/cluster-objects.ts'
import { accessOf } from '../../../desired/distribution/access-of.ts'
import type { Deployment } from '../../deployment.ts'
import { applyObjects } from '../../through/apply-objects.ts'

/** What the inventory wants in the cluster's API, through the server that the plan names. @throws as `applyObjects` */
export async function applyClusterObjects(deployment: Deployment): Promise<void> {
  const { cluster, planned } = deployment
  const { plan, transports } = planned
  await applyObjects({
    ...deployment,
    access: accessOf(cluster),
    wanted: clusterObjectsOf(cluster),
    plan: plan.objects,
    transports,
  })
}
