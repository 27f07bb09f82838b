import type { Cluster } from '../../../model/cluster.ts'
import { endpointOf } from './endpoint.ts'

/** What `kubeadm init` settles for good, by the names of ClusterConfiguration (kubeadm.k8s.io/v1beta4). */
export function settledSettings(cluster: Cluster) {
  const { name, networks } = cluster
  return {
    clusterName: [name],
    controlPlaneEndpoint: [endpointOf(cluster)],
    podSubnet: networks.cluster,
    serviceSubnet: networks.service,
    dnsDomain: [networks.domain],
  } as const
}
