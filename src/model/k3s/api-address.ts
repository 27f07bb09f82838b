import type { Cluster, Host } from '../cluster.ts'

/**
 * Where what runs on a node reaches the API by way of this node: a server's own, an agent's load balancer, which k3s
 * keeps in step with the servers. Source: docs.k3s.io/architecture, "Fixed Registration Address for Agent Nodes"
 */
export function agentApi(cluster: Cluster, { role, k3s }: Host): string {
  if (role === 'server') return apiAt('127.0.0.1')
  if (k3s['disable-apiserver-lb'] !== true) return `https://127.0.0.1:${k3s['lb-server-port'] ?? 6444}`
  const founder = cluster.hosts.find(({ firstServer }) => firstServer)
  return apiAt(cluster.vip?.address ?? (founder === undefined ? '127.0.0.1' : addressOf(founder)))
}

/** Where nodes reach a server's API to register. */
export function addressOf({ nodeIPs, address }: Host): string {
  return nodeIPs[0] ?? address.host
}

/** A server's API. @param address without brackets */
export function apiAt(address: string): string {
  return `https://${address.includes(':') ? `[${address}]` : address}:6443`
}
