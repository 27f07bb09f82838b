import type { Cluster } from '../../model/cluster.ts'
import type { Access } from '../../model/distribution/access.ts'
import { k3sAccess } from './k3s/access.ts'

/** The same on every host: for questions and changes in the whole cluster. */
export function accessOf(_cluster: Cluster): Access {
  return k3sAccess
}
