import type { Cluster, Host, Manifest } from '../model/cluster.ts'
import { needsBundle } from '../model/keel-agent/agent-program.ts'
import { allParts } from '../parts/by-part.ts'
import type { ClusterState } from './cluster-state.ts'
import { distributionManifests, distributionState } from './distribution/distribution.ts'
import type { HostState } from './host-state.ts'
import type { Surroundings } from './surroundings.ts'

/** Cluster → what one host must be. Pure. */
export function hostStateOf(state: ClusterState, host: Host, surroundings: Surroundings): HostState {
  return {
    host: host.name,
    role: host.role,
    arch: host.arch,
    node: {
      name: host.name,
      labels: host.labels,
      taints: host.taints,
    },
    distribution: distributionState(state, host, surroundings),
    files: host.files,
    manifests: [
      ...distributionManifests(state.cluster, host, surroundings),
      ...manifestsOfParts(state, host),
      ...host.manifests,
    ],
    parts: state.partsOf(host),
    programs: programsOfParts(state.cluster, host, surroundings),
  }
}

/** NixOS has its own Node, and the bundle in its module. */
function programsOfParts(cluster: Cluster, host: Host, surroundings: Surroundings): HostState['programs'] {
  return host.os !== 'nixos' && needsBundle(cluster, host) ? surroundings.agentProgramsFor(host) : []
}

function manifestsOfParts(state: ClusterState, { role }: Host): readonly Manifest[] {
  return role === 'server' ? allParts.flatMap((part) => part.manifests?.(state) ?? []) : []
}
