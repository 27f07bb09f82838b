import type { Fault } from '../../errors.ts'
import type { HostName } from '../../model/brands.ts'
import type { Cluster } from '../../model/cluster.ts'
import type { WantedHost } from '../../plan/host/wanted-host.ts'
import type { ClusterLook } from '../../probes/status/cluster-look.ts'
import type { HostLook } from '../../probes/status/host-look.ts'

/** What a host answered last. */
export type Answer =
  | { readonly kind: 'seen'; readonly look: HostLook }
  | { readonly kind: 'silent'; readonly fault: Fault }
  /** No answer yet, and it is too early to count it as silent. */
  | { readonly kind: 'asking' }

export interface SeenCluster {
  readonly cluster: Cluster
  /** Those that the status is about. */
  readonly hosts: readonly (WantedHost & { readonly answer: Answer })[]
  /** Every server, also those that the status is not about. */
  readonly servers: readonly (WantedHost & { readonly answer: Answer })[]
  /** What one server tells of the cluster; absent where none could. */
  readonly look?: ClusterLook & { readonly through: HostName }
  /** A server may still tell. */
  readonly isAsking: boolean
  readonly time: Date
}
