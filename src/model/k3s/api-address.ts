import type { Cluster, Host } from '../cluster.ts'
import { founderOf } from '../servers-of.ts'

/**
 * The address at which a program on a node reaches the API through this node. On a server this is its own API server.
 * On an agent it is the load balancer, which k3s keeps up to date with the servers. Source: docs.k3s.io/architecture,
 * "Fixed Registration Address for Agent Nodes"
 */
export function agentApi(cluster: Cluster, { role, k3s, systemdKubelet }: Host): string {
  if (role === 'server') return apiAt('127.0.0.1')
  if (k3s['disable-apiserver-lb'] !== true && systemdKubelet === undefined)
    return `https://127.0.0.1:${k3s['lb-server-port'] ?? 6444}`
  const founder = founderOf(cluster)
  return apiAt(cluster.vip?.address ?? (founder === undefined ? '127.0.0.1' : addressOf(founder)))
}

/** The address at which nodes reach the API of a server to register. */
export function addressOf({ nodeIPs, address }: Host): string {
  return nodeIPs[0] ?? address.host
}

/** The URL of a server's API. @param address without brackets */
export function apiAt(address: string): string {
  return `https://${apiEndpoint(address)}`
}

/** The same without its scheme: `10.0.0.1:6443`, `[fd00::1]:6443`. */
export function apiEndpoint(address: string): string {
  return `${address.includes(':') ? `[${address}]` : address}:6443`
}
