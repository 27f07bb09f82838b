import type { Cluster } from '../../../model/cluster.ts'
import { keelKubeadmPaths, kubeadmPaths } from '../../../model/kubeadm/paths.ts'
import { vkubeletCa } from '../../../model/systemd-kubelet/paths.ts'
import type { OfDistribution } from '../vkubelet/vkubelet-node.ts'
import { endpointOf } from './endpoint.ts'

/** How keel-vkubelet joins a cluster of kubeadm: with the token of a permit. @param placedCa in PEM */
export function kubeadmVkubelet(cluster: Cluster, placedCa: string): OfDistribution {
  return {
    servers: [`https://${endpointOf(cluster)}`],
    join: { kind: 'kubeadm', token: keelKubeadmPaths.permit },
    ca: vkubeletCa.kubeadm,
    placedCa,
    credentials: [],
    hidden: ['/etc/kubernetes', kubeadmPaths.kubelet, kubeadmPaths.etcd],
  }
}
