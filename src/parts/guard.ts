import type { Role } from '../model/cluster.ts'

/** What the firewall guards for other parts, on every host of a role that has a firewall. */
export type GuardsOf = (role: Role) => readonly Guard[]

/**
 * Ports, or a protocol without any, that only some may reach: packets from one of these sources are accepted, all
 * others are dropped.
 */
export type Guard = {
  readonly what: string
  readonly from: readonly Source[]
  /** Only hosts of this role listen there. On the others the firewall has the same rule, for nothing. */
  readonly servedBy?: Role
} & Guarded

type Guarded =
  | { readonly protocol: 'tcp' | 'udp'; readonly ports: readonly PortRange[] }
  /** IP protocol 112 (RFC 5798, 5.1.1.4). */
  | { readonly protocol: 'vrrp' }

export type PortRange = number | readonly [first: number, last: number]

export interface Source {
  /** Addresses and CIDRs, IPv4 and IPv6. */
  readonly addresses: readonly string[]
  /** Only what comes through this interface. */
  readonly interface?: string
}
