import type { Cluster } from '../../model/cluster.ts'
import type { Access } from '../../model/distribution/access.ts'
import type { UnitName } from '../../model/systems/unit-name.ts'
import { k3sAccess } from './k3s/access.ts'
import { k3sUnitName } from './k3s/unit-name.ts'
import { kubeadmNotYet } from './kubeadm-not-yet.ts'

/**
 * The same on every host: for questions and changes in the whole cluster.
 * @throws KeelError `kubeadm-not-yet`
 */
export function accessOf(cluster: Pick<Cluster, 'distribution'>): Access {
  if (cluster.distribution.kind !== 'k3s') throw kubeadmNotYet()
  return k3sAccess
}

/** The services that run Kubernetes on a host: each host has one of them, or more, whatever its system. */
export function serviceUnitsOf(cluster: Cluster): readonly UnitName[] {
  if (cluster.distribution.kind !== 'k3s') throw kubeadmNotYet()
  return [k3sUnitName('server'), k3sUnitName('agent')]
}
