import type { HostName, K3sVersion, KubernetesVersion, SecretName, Sha256 } from '../model/brands.ts'
import type { Arch, HostFile, Json, Manifest, Role } from '../model/cluster.ts'
import type { Access } from '../model/distribution/access.ts'
import type { DistributionKind } from '../model/distribution/distribution.ts'
import type { OnceStep } from '../model/distribution/once-step.ts'
import type { Past } from '../model/distribution/past.ts'
import type { Places } from '../model/distribution/places.ts'
import type { InOrder, Service } from '../model/distribution/service.ts'
import type { FileContent } from '../model/file-bytes.ts'
import type { KubeadmCa } from '../model/kubeadm/pki.ts'
import type { UnitName } from '../model/systems/unit-name.ts'
import type { ByPart } from '../parts/by-part.ts'
import type { K3sConfig } from './distribution/k3s/config.ts'

/**
 * What one machine must be, in words that hold for every operating system. Holds references to secrets, never their
 * values.
 */
export interface HostState {
  readonly host: HostName
  readonly role: Role
  readonly arch: Arch
  readonly node: WantedNode
  readonly distribution: DistributionState
  readonly files: readonly HostFile[]
  /** For k3s to apply, at each start of a server. */
  readonly manifests: readonly Manifest[]
  readonly parts: ByPart<'wanted'>
  /** Programs that keel pushes for the parts; none where the system brings them. */
  readonly programs: readonly Artifact[]
}

/**
 * What the cluster's distribution of Kubernetes makes of a host, decided once (src/desired/distribution): all that
 * comes after reads it here. A distribution whose nodes join by a command of their own would have that command among
 * the steps that a host needs `once`.
 */
export interface DistributionState {
  /** Programs that keel pushes there; none where the system brings them. */
  readonly artifacts: readonly Artifact[]
  /** k3s is one. The last runs Kubernetes' node, and needs those before it. */
  readonly services: InOrder<Service>
  readonly credentials: readonly WantedCredential[]
  readonly once: readonly OnceStep[]
  readonly access: Access
  readonly past: Past
  readonly places: Places
  /** What it listens on for itself: `tcp:6443`. */
  readonly ports: readonly string[]
  /** Absent where a host needs no permit to join. */
  readonly permit?: Permit
  /** What the host has for a Node whose Pods are units of systemd. Absent: the distribution has its own Node there. */
  readonly vkubelet?: VkubeletNode
  /** What only this distribution has. */
  readonly own: K3sService | KubeadmNode | NodeAlone
}

/**
 * Without it the unit neither founds nor joins nor upgrades. It comes for one start, to a tmpfs: `found`, `upgrade`, or
 * `join` and a token that a server of the cluster makes for it.
 */
export interface Permit {
  readonly unit: UnitName
  readonly path: string
  /** To which the unit brings a node of another version. */
  readonly version: string
}

/** A host's Node in the cluster's API. */
export interface WantedNode {
  readonly name: HostName
  readonly labels: Readonly<Record<string, string>>
  /** As Kubernetes writes them: `key=value:Effect`, or `key:Effect`. */
  readonly taints: readonly string[]
}

/** How a host gets into the cluster; `alone`: one server on sqlite neither founds nor joins. */
export type Join = { readonly kind: 'found' | 'alone' } | { readonly kind: 'join'; readonly server: string }

/** A program to push, fetched on the admin's machine and checked by hash there and on the host. */
export interface Artifact {
  readonly name: string
  readonly version: string
  readonly arch: Arch
  /** Of a program or an archive (`https:`, `file:`), or of a file that keel carries (`keel:`). */
  readonly url: string
  /** Of the program. */
  readonly sha256: Sha256
  /** Of the archive at `url`, where the program is in one. */
  readonly archive?: Sha256
  /** JavaScript: another program runs it. */
  readonly isModule?: true
  /**
   * Of the system extension image that keel makes of it, where one is pinned: for systems on which /usr can't be
   * written.
   */
  readonly sysext?: Sha256
  /** Of an image that keel makes of several artifacts: these. */
  readonly of?: readonly Artifact[]
}

/** For a system that has a module of its own for k3s, and for what keel writes for k3s elsewhere. */
export interface K3sService {
  readonly kind: 'k3s'
  readonly role: Role
  readonly version: K3sVersion
  /** Its flags, without those whose value is a secret: they are in a credential. */
  readonly config: K3sConfig
  readonly join: Join
  /** Other ways in that are just as right where they are already. */
  readonly otherWaysIn: readonly Join[]
  /** With references to secrets in it they are in a credential as well. */
  readonly registries?: Json
  /**
   * Environment of the service: credential id by the variable that names its file (`K3S_TOKEN_FILE` →
   * `k3s-server-token`).
   */
  readonly credentialFiles: Readonly<Record<string, string>>
  /** The service waits for this interface before it starts. */
  readonly interface?: string
}

/** What kubeadm makes of a host, and what it needs for that. */
export interface KubeadmNode {
  readonly kind: 'kubeadm'
  readonly version: KubernetesVersion
  /** What kubeadm reads to found the cluster or to join it, without a token. */
  readonly document: string
  /** Other documents that are just as right on a host that is in the cluster. */
  readonly otherDocuments: readonly string[]
  /** The CAs whose certificates the host has: all on a control plane, that of Kubernetes on a worker. */
  readonly cas: readonly { readonly ca: KubeadmCa; readonly certificatePem: string }[]
  /** What the host's containerd reads. Absent where keel only checks it. */
  readonly containerd?: WantedFile
  /** An address of the cluster that nobody has while kubeadm founds it, although this version's kubeadm asks there. */
  readonly borrows?: string
}

/** A host of a distribution that has nothing of it: its Node is that of keel-vkubelet. */
interface NodeAlone {
  readonly kind: 'node-alone'
  readonly of: DistributionKind
}

/** What keel-vkubelet reads at its start. */
export interface VkubeletNode {
  /** Of Kubernetes, as its Node says it. */
  readonly version: string
  /** The text of its configuration. */
  readonly configuration: string
  /** The credentials that it reads, by ID: also those of another service. */
  readonly credentials: readonly string[]
  /** Sources for apt, and the CA. */
  readonly files: readonly { readonly path: string; readonly content: string }[]
}

export interface WantedFile extends FileContent {
  readonly path: string
  readonly mode: string
  readonly owner: string
  readonly group: string
  /** Other texts that are just as right where they are already. */
  readonly alternatives?: readonly string[]
  /** A unit that reads it only at its start: restarted if it runs. */
  readonly readAtStartBy?: UnitName
}

export interface WantedLink {
  readonly path: string
  readonly target: string
  /** As a file's. */
  readonly readAtStartBy?: UnitName
}

/** A secret as the service gets it: encrypted for the host, decrypted by systemd for the service alone. */
export interface WantedCredential {
  /** systemd's credential ID, and the `--name` it is encrypted under. */
  readonly id: string
  readonly content: CredentialContent
  /** The service that gets it: it restarts for another value. */
  readonly readAtStartBy: UnitName
}

export type CredentialContent =
  | { readonly kind: 'secret'; readonly secret: SecretName }
  /** A YAML file some of whose values are secrets. */
  | { readonly kind: 'yaml'; readonly value: Json }
