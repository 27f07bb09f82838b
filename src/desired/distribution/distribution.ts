import type { Access } from '../../model/access.ts'
import type { Cluster } from '../../model/cluster.ts'
import { k3sAccess } from './k3s/access.ts'

/** What the cluster's distribution of Kubernetes makes of a host. All that comes after a HostState reads it here. */
export interface DistributionState {
  readonly access: Access
}

/** The same on every host: for what is asked or done in the cluster as a whole. */
export function accessOf(_cluster: Cluster): Access {
  return k3sAccess
}
