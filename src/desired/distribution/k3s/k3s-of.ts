import type { Cluster } from '../../../model/cluster.ts'
import type { K3s } from '../../../model/distribution/distribution.ts'

/** What a cluster of k3s has in its distribution: nothing in this folder is asked for another cluster. */
export function k3sOf({ distribution }: Pick<Cluster, 'distribution'>): K3s {
  if (distribution.kind !== 'k3s') throw new Error(`k3s's state of a ${distribution.kind} cluster`)
  return distribution
}
