import type { Host } from '../../model/cluster.ts'
import type { ClusterState } from '../cluster-state.ts'
import type { DistributionState } from '../host-state.ts'
import type { Surroundings } from '../surroundings.ts'
import { k3sState } from './k3s/state.ts'

/** Decides what the cluster's distribution of Kubernetes makes of a host: k3s, which is the only one so far. */
export function distributionState(state: ClusterState, host: Host, surroundings: Surroundings): DistributionState {
  return k3sState(state, host, surroundings)
}
