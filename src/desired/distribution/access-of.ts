import type { Cluster } from '../../model/cluster.ts'
import type { Access } from '../../model/distribution/access.ts'
import { k3sAccess } from './k3s/access.ts'

/** The same on every host: for what is asked or done in the cluster as a whole. */
export function accessOf(_cluster: Cluster): Access {
  return k3sAccess
}
