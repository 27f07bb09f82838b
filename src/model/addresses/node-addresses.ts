import type { Host } from '../cluster.ts'
import { parseNodeIp } from './ip.ts'

/**
 * The source addresses of a node's packets, if the inventory tells them: its node IPs, else the IP address that SSH
 * uses. Empty: unknown.
 */
export function nodeAddresses({
  nodeIPs,
  address,
}: {
  nodeIPs: readonly string[]
  address: Pick<Host['address'], 'host'>
}): readonly string[] {
  if (nodeIPs.length > 0) return nodeIPs
  try {
    return [parseNodeIp(address.host)]
  } catch {
    return []
  }
}
