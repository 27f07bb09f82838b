import type { Cluster, Host, Manifest } from '../../model/cluster.ts'
import type { OnceStep } from '../../model/distribution/once-step.ts'
import { minorOf } from '../../model/k3s/k3s-version.ts'
import type { ClusterState } from '../cluster-state.ts'
import type { DistributionState, WantedFile } from '../host-state.ts'
import type { Surroundings } from '../surroundings.ts'
import { k3sSettings } from './k3s/config.ts'
import { joinFileThrough } from './k3s/join-file.ts'
import { k3sState } from './k3s/state.ts'
import { containerdFileFor } from './kubeadm/containerd-config.ts'
import { networkManifests } from './kubeadm/network-manifests.ts'
import { settledSettings } from './kubeadm/settled.ts'
import { kubeadmState } from './kubeadm/state.ts'
import { documentFile, waysInOf } from './kubeadm/ways-in.ts'

/** Decides what the cluster's distribution of Kubernetes makes of a host. */
export function distributionState(state: ClusterState, host: Host, surroundings: Surroundings): DistributionState {
  switch (state.cluster.distribution.kind) {
    case 'k3s':
      return k3sState(state, host, surroundings)
    case 'kubeadm':
      return kubeadmState(state, host, surroundings)
  }
}

/**
 * The file by which a host without data gets in through another server than it was rendered for; none where no file
 * says it.
 */
export function wayInFile(
  state: Pick<ClusterState, 'cluster' | 'servers'>,
  host: Host,
  { through, vipStands, caCertificate }: WayIn,
): readonly WantedFile[] {
  switch (state.cluster.distribution.kind) {
    case 'k3s':
      return joinFileThrough(state, host, through, vipStands)
    case 'kubeadm':
      return caCertificate === undefined ? [] : [documentFile(waysInOf(state, host, through, caCertificate))]
  }
}

/** A file that depends on a program of the host, once its version is known; none where no file does. */
export function filesForContainerd({ distribution }: Cluster, version: string | undefined): readonly WantedFile[] {
  if (distribution.kind !== 'kubeadm' || distribution.containerd !== 'managed' || version === undefined) return []
  const file = containerdFileFor(version, minorOf(distribution.version) ?? 0)
  return file === undefined ? [] : [file]
}

interface WayIn {
  /** Undefined: this host founds the cluster. */
  readonly through: Host | undefined
  /** Whether the cluster's address is somewhere by then. */
  readonly vipStands: boolean
  /** In PEM. */
  readonly caCertificate: string | undefined
}

/** The steps that are left to a host without data which gets in through a server; undefined: it founds the cluster. */
export function onceThrough(steps: readonly OnceStep[], through: Host | undefined): readonly OnceStep[] {
  return through === undefined ? steps : steps.filter(({ kind }) => kind !== 'place-ca')
}

/** The settings that the distribution would be started with, or found a cluster with, by name. */
export function wantedSettings(cluster: Cluster, host: Host): Readonly<Record<string, readonly string[]>> {
  return cluster.distribution.kind === 'k3s' ? k3sSettings(cluster, host) : settledSettings(cluster)
}

/** What a server applies for the distribution itself: the network of Pods, where the distribution does not bring it. */
export function distributionManifests(
  { distribution, networks }: Cluster,
  { role }: Host,
  { manifests = new Map() }: Pick<Surroundings, 'manifests'>,
): readonly Manifest[] {
  if (role !== 'server' || distribution.kind !== 'kubeadm') return []
  return networkManifests(distribution.cni, networks, manifests)
}
