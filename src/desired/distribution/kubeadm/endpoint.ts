import type { Cluster, Host } from '../../../model/cluster.ts'
import { addressOf, apiEndpoint } from '../../../model/k3s/api-address.ts'
import { founderOf } from '../../../model/servers-of.ts'

/**
 * Where nodes find the API for good: the cluster's address, else the first server. The inventory warns of the latter,
 * because kubeadm writes it into every kubeconfig.
 */
export function endpointOf(cluster: Cluster): string {
  if (cluster.vip !== undefined) return apiEndpoint(cluster.vip.address)
  const founder = founderOf(cluster)
  if (founder === undefined) throw new Error('a cluster without a first server')
  return endpointAt(founder)
}

/** The API server of one server. */
export function endpointAt(server: Host): string {
  return apiEndpoint(addressOf(server))
}
