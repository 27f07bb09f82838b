import type { Host } from '../cluster.ts'

/** How the clients of an agent reach it, besides by the name of its Node: DNS names and IP addresses. */
export function agentNames({ address, nodeIPs }: Pick<Host, 'address' | 'nodeIPs'>): string[] {
  return [...new Set([address.host, ...nodeIPs])]
}
