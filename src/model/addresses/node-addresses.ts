import type { Host } from '../cluster.ts'
import { parseNodeIp } from './ip.ts'

/**
 * What a node's packets come from, as far as the inventory says: its node IPs, else the IP address that SSH reaches it
 * at. Empty: unknown.
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
