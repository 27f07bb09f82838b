import type { Cluster, Host } from '../../../model/cluster.ts'
import { addressOf } from '../../../model/k3s/api-address.ts'

/**
 * Where nodes find the API for good: the cluster's address, else the first server. The inventory warns of the latter,
 * because kubeadm writes it into every kubeconfig.
 */
export function endpointOf({ vip, hosts }: Cluster): string {
  if (vip !== undefined) return withPort(vip.address)
  const founder = hosts.find(({ firstServer }) => firstServer)
  if (founder === undefined) throw new Error('a cluster without a first server')
  return endpointAt(founder)
}

/** The API server of one server. */
export function endpointAt(server: Host): string {
  return withPort(addressOf(server))
}

function withPort(address: string): string {
  return `${address.includes(':') ? `[${address}]` : address}:6443`
}
