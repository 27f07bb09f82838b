import type { Cluster, Host } from '../../model/cluster.ts'
import type { OnceStep } from '../../model/distribution/once-step.ts'
import type { ClusterState } from '../cluster-state.ts'
import type { DistributionState, WantedFile } from '../host-state.ts'
import type { Surroundings } from '../surroundings.ts'
import { k3sSettings } from './k3s/config.ts'
import { joinFileThrough } from './k3s/join-file.ts'
import { k3sState } from './k3s/state.ts'

/**
 * Decides what the cluster's distribution of Kubernetes makes of a host: k3s. For kubeadm keel only writes documents
 * (`kubeadm/documents.ts`), and `accessOf` refuses such a cluster before this is asked.
 */
export function distributionState(state: ClusterState, host: Host, surroundings: Surroundings): DistributionState {
  return k3sState(state, host, surroundings)
}

/**
 * The file by which a host without data gets in through another server than it was rendered for; none where no file
 * says it.
 */
export function wayInFile(
  state: Pick<ClusterState, 'cluster' | 'servers'>,
  host: Host,
  through: Host | undefined,
  vipStands: boolean,
): readonly WantedFile[] {
  return joinFileThrough(state, host, through, vipStands)
}

/** The steps that are left to a host without data which gets in through a server; undefined: it founds the cluster. */
export function onceThrough(steps: readonly OnceStep[], through: Host | undefined): readonly OnceStep[] {
  return through === undefined ? steps : steps.filter(({ kind }) => kind !== 'place-ca')
}

/** The settings that the distribution would be started with, by name. */
export function wantedSettings(cluster: Cluster, host: Host): Readonly<Record<string, readonly string[]>> {
  return k3sSettings(cluster, host)
}
