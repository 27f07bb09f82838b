import type { Cluster } from '../../model/cluster.ts'
import type { Access } from '../../model/distribution/access.ts'
import { vkubeletPaths } from '../../model/systemd-kubelet/paths.ts'
import type { UnitName } from '../../model/systems/unit-name.ts'
import { k3sAccess } from './k3s/access.ts'
import { k3sUnitName } from './k3s/unit-name.ts'
import { kubeadmAccess } from './kubeadm/access.ts'
import { joinUnit, kubeletUnit, manifestsUnit } from './kubeadm/units.ts'

/** The same on every host: for questions and changes in the whole cluster. */
export function accessOf(cluster: Pick<Cluster, 'distribution'>): Access {
  return cluster.distribution.kind === 'k3s' ? k3sAccess : kubeadmAccess
}

/** The services that run Kubernetes on hosts: each host has one of them, or more, whatever its system. */
export function serviceUnitsOf(cluster: Cluster): readonly UnitName[] {
  const own =
    cluster.distribution.kind === 'k3s'
      ? [k3sUnitName('server'), k3sUnitName('agent')]
      : [joinUnit, manifestsUnit, kubeletUnit]
  const hasSystemdNodes = cluster.hosts.some(({ systemdKubelet }) => systemdKubelet !== undefined)
  return hasSystemdNodes ? [...own, vkubeletPaths.unit] : own
}
