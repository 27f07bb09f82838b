import type { Host } from '../model/cluster.ts'
import type { Artifact } from './host-state.ts'

/** What a cluster's hosts share besides the inventory: pinned artifacts and the CA's certificate. */
export interface Surroundings {
  /**
   * The programs that keel pushes to a host: k3s, unless its system brings it.
   * @throws KeelError where keel.lock.json lacks one
   */
  readonly programsFor: (host: Host) => readonly Artifact[]
  /**
   * The programs that keel pushes for the keel-agent: Node and the bundle. Asked for a host that gets them.
   * @throws KeelError where keel.lock.json lacks one, `agent-bundle`
   */
  readonly agentProgramsFor: (host: Host) => readonly Artifact[]
  /**
   * The text of the bundle, for NixOS.
   * @throws KeelError `agent-bundle`
   */
  readonly agentBundle: () => string
  /** The cluster's server CA as PEM; absent for a cluster taken over from elsewhere. */
  readonly caCertificate?: string
  /** Of kubeadm's CAs as PEM, by file; those that the inventory has. */
  readonly certificates?: ReadonlyMap<string, string>
  /** The texts of manifests that the inventory names by URL, as keel.lock.json pins them. */
  readonly manifests?: ReadonlyMap<string, string>
  /** The keel-agents' CA as PEM; absent for a cluster without them. */
  readonly agentCa?: string
  /** The server that a host without data joins through; none: the first server founds the cluster. */
  readonly joinThrough: (host: Host) => Host | undefined
  /** Whether the cluster's address, if it is to have one, is somewhere before a host joins. */
  readonly vipStands?: boolean
}
