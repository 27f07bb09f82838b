import type { Cluster } from '../model/cluster.ts'
import type { ClusterObject } from '../model/cluster-object.ts'
import { keelAgentAccess } from '../parts/keel-agent/keel-agent-access.ts'

/** Every object that keel keeps in the cluster's API itself, in the order in which they are applied. Pure. */
export function clusterObjectsOf({ keelAgent }: Cluster): readonly ClusterObject[] {
  return keelAgent === undefined ? [] : keelAgentAccess(keelAgent)
}
