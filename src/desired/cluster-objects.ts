import type { Cluster } from '../model/cluster.ts'
import type { ClusterObject } from '../model/kubernetes/cluster-object.ts'
import { allParts } from '../parts/by-part.ts'

/** Every object that keel keeps in the cluster's API itself, in the order in which they are applied. Pure. */
export function clusterObjectsOf(cluster: Cluster): readonly ClusterObject[] {
  return allParts.flatMap((part) => part.objects?.(cluster) ?? [])
}
