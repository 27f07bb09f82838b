import type { Cluster, Host } from '../../model/cluster.ts'
import { agentApi, apiAt } from '../../model/k3s/api-address.ts'
import { endpointOf } from './kubeadm/endpoint.ts'

/**
 * The URL at which a program on a host reaches the API as its node does: on a server its own API server. kubeadm has no
 * load balancer on other hosts, so they use the address that the kubelet uses.
 */
export function nodeApi(cluster: Cluster, host: Host): string {
  if (cluster.distribution.kind === 'k3s') return agentApi(cluster, host)
  return host.role === 'server' ? apiAt('127.0.0.1') : `https://${endpointOf(cluster)}`
}
