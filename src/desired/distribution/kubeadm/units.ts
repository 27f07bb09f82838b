import type { UnitName } from '../../../model/systems/unit-name.ts'

/** Founds the cluster or joins it, once; at each later start it finds that this is done. */
export const joinUnit: UnitName = 'keel-kubeadm.service'
/** On servers: applies the manifests of the inventory and of the network. */
export const manifestsUnit: UnitName = 'keel-manifests.service'
/** Comes with the image of Kubernetes. */
export const kubeletUnit: UnitName = 'kubelet.service'
