import { contains } from '../../src/model/addresses/ip.ts'
import type { NftMatch, NftTable } from '../../src/parts/firewall/nft-table.ts'

/** The first packet of a connection (or a packet of none) that comes into a host. */
export interface Packet {
  readonly source: string
  readonly protocol: 'tcp' | 'udp' | 'vrrp'
  /** 0 if the protocol has no ports. */
  readonly port: number
  readonly interface: string
}

/**
 * What the kernel would do with a packet: the first rule whose matches all fit decides, else the policy of the chain
 * (nft(8)).
 */
export function verdictOf({ chain, rules }: NftTable, packet: Packet): 'accept' | 'drop' {
  return rules.find(({ matches }) => matches.every((match) => fits(match, packet)))?.verdict ?? chain.policy
}

function fits(match: NftMatch, packet: Packet): boolean {
  switch (match.match) {
    case 'interface':
      return match.name === packet.interface
    case 'established':
      return false
    case 'family':
      return (match.family === 'ipv6') === packet.source.includes(':')
    case 'source':
      return match.addresses.some((one) => (one.includes('/') ? contains(one, packet.source) : one === packet.source))
    case 'protocol':
      return match.number === 112 && packet.protocol === 'vrrp'
    case 'port':
      return (
        match.protocol === packet.protocol &&
        match.ports.some((range) => {
          const [first, last] = typeof range === 'number' ? [range, range] : range
          return first <= packet.port && packet.port <= last
        })
      )
  }
}
