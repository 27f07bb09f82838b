import type { Fault } from '../../errors.ts'
import type { HostName } from '../../model/brands.ts'
import type { Role, VirtualIp } from '../../model/cluster.ts'

/**
 * How well something is, from best to worst. `pending`: it works, and somebody should do something: deploy, or renew a
 * certificate.
 */
export const LEVELS = ['well', 'asking', 'pending', 'failing', 'unreachable'] as const
export type Level = (typeof LEVELS)[number]

/** What a cluster is doing now. Readonly and JSON-serialisable; schema/status.json describes it. */
export interface ClusterStatus {
  readonly cluster: string
  /** When the last answer came; ISO 8601, UTC. */
  readonly time: string
  /** The worst of all below. */
  readonly level: Level
  /** The worst first. */
  readonly hosts: readonly HostStatus[]
  /** The server whose API told about Nodes and Pods; absent where none answers. */
  readonly through?: HostName
  readonly vip?: VipHolders
  readonly etcd?: EtcdStatus
  /** On the hosts above, the one that ends first before the others. */
  readonly certificates: readonly CertificateStatus[]
  /** What is wrong with the cluster, and with no host alone. */
  readonly findings: readonly Finding[]
}

export interface HostStatus {
  readonly host: HostName
  readonly role: Role
  readonly level: Level
  /** Why the host did not answer. */
  readonly fault?: Fault
  /** Absent where the host runs no Node, or no server could be asked. */
  readonly node?: 'ready' | 'not-ready' | 'cordoned' | 'missing'
  /** The one that runs, according to its Node. */
  readonly version?: string
  readonly pods?: { readonly running: number; readonly total: number }
  readonly drift: Drift
  readonly findings: readonly Finding[]
}

/** How a host differs from the inventory. */
export type Drift =
  | { readonly kind: 'none' }
  | { readonly kind: 'differs'; readonly changes: readonly Change[] }
  | { readonly kind: 'unknown' }

/** One thing that a deploy would do: the operation, and to what. */
export interface Change {
  readonly op: string
  readonly to?: string
}

export interface VipHolders {
  readonly address: string
  readonly manager: VirtualIp['manager']
  /** One, unless it moves, no server is healthy, or the network is cut. */
  readonly holders: readonly HostName[]
}

export interface EtcdStatus {
  readonly members: readonly EtcdMemberStatus[]
  readonly leader?: string
}

interface EtcdMemberStatus {
  readonly name: string
  /** It gets the data, and has no vote yet. */
  readonly learner: boolean
  /** Its own word; absent where it did not answer. */
  readonly healthy?: boolean
}

export interface CertificateStatus {
  readonly host: HostName
  readonly file: string
  /** ISO 8601, UTC. */
  readonly ends: string
  /** Whole days until then; negative: it has ended. */
  readonly days: number
}

export interface Finding {
  /** Stable, for programs. */
  readonly code: string
  readonly level: Level
  readonly text: string
}

/** The worst of some levels. */
export function worst(levels: readonly Level[]): Level {
  return levels.reduce((a, b) => (LEVELS.indexOf(b) > LEVELS.indexOf(a) ? b : a), 'well')
}
