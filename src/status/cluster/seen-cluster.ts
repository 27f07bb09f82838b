import type { Fault } from '../../errors.ts'
import type { HostName } from '../../model/brands.ts'
import type { Cluster, Host } from '../../model/cluster.ts'
import type { Sources } from '../../plan/host/plan-host.ts'
import type { ClusterLook } from '../../probes/status/cluster-look.ts'
import type { HostLook } from '../../probes/status/host-look.ts'
import type { Rendered } from '../../targets/rendered.ts'

/** A host, and what the inventory wants of it. */
export interface WantedHost {
  readonly host: Host
  readonly rendered: Rendered
  /** Absent where the inventory lacks something that a deploy needs: nothing can be compared then. */
  readonly sources?: Sources
}

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
