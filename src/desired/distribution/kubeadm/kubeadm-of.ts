import type { Cluster } from '../../../model/cluster.ts'
import type { Kubeadm } from '../../../model/distribution/distribution.ts'

/** What a cluster of kubeadm has in its distribution: nothing in this folder is asked for another cluster. */
export function kubeadmOf({ distribution }: Pick<Cluster, 'distribution'>): Kubeadm {
  if (distribution.kind !== 'kubeadm') throw new Error(`kubeadm's state of a ${distribution.kind} cluster`)
  return distribution
}
