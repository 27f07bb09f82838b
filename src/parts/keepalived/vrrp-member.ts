import { familyOf } from '../../model/addresses/ip.ts'
import { nodeAddresses } from '../../model/addresses/node-addresses.ts'
import type { Host } from '../../model/cluster.ts'
import type { Access } from '../../model/distribution/access.ts'
import type { DistributionKind } from '../../model/distribution/distribution.ts'
import type { WholeCluster } from '../../model/servers-of.ts'

/** A server's part in moving the cluster's address by VRRP. */
export interface VrrpMember {
  readonly address: string
  /** Absent: found on the host by the address's network. */
  readonly interface?: string
  /** What it sends from, and whom it speaks with: it accepts packets from nobody else. */
  readonly source: string
  readonly peers: readonly string[]
  /** 1 to 255; the highest of those that are fit gets an address that nobody has. */
  readonly priority: number
  /** 1 to 255: tells this address's advertisements from another's. */
  readonly routerId: number
  /** How the checker proves on the server itself that the API is healthy. */
  readonly access: Pick<Access, 'ca' | 'clientCa'>
  readonly distribution: DistributionKind
}

/** @returns undefined where the host has no part in it, or the cluster another manager */
export function vrrpMemberOf(
  { cluster, servers, access: { ca, clientCa } }: WholeCluster,
  host: Host,
): VrrpMember | undefined {
  const { vip } = cluster
  if (vip?.manager !== 'keepalived' || host.role !== 'server') return undefined
  const reachedAt = (server: Host) => nodeAddresses(server).filter((one) => familyOf(one) === familyOf(vip.address))
  const [source] = reachedAt(host)
  if (source === undefined) return undefined
  return {
    address: vip.address,
    ...(vip.interface === undefined ? {} : { interface: vip.interface }),
    source,
    peers: servers.filter(({ name }) => name !== host.name).flatMap((server) => reachedAt(server).slice(0, 1)),
    priority: priorityOf(
      servers.findIndex(({ name }) => name === host.name),
      servers.length,
    ),
    routerId: routerIdOf(vip.address),
    access: { ca, clientCa },
    distribution: cluster.distribution.kind,
  }
}

/**
 * A cluster's servers in the inventory's order, as far apart as possible: in VRRP, two servers wait for times that
 * differ by their priorities, so that one is first.
 */
function priorityOf(index: number, servers: number): number {
  return Math.round(250 - (index * 200) / Math.max(servers - 1, 1))
}

/** A new address has a new router ID, so servers with the new one and servers with the old one ignore each other. */
function routerIdOf(address: string): number {
  const last =
    familyOf(address) === 'ipv4'
      ? Number(address.split('.').at(-1))
      : Number.parseInt(address.split(':').at(-1) || '0', 16)
  return 1 + (last % 255)
}
