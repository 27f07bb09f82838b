import type { Artifact, Permit, WantedCredential, WantedFile, WantedLink, WantedNode } from '../desired/host-state.ts'
import type { HostName, SecretName, Sha256 } from '../model/brands.ts'
import type { NixosSystem, Role } from '../model/cluster.ts'
import type { Access } from '../model/distribution/access.ts'
import type { DistributionKind } from '../model/distribution/distribution.ts'
import type { OnceStep } from '../model/distribution/once-step.ts'
import type { Past } from '../model/distribution/past.ts'
import type { Places } from '../model/distribution/places.ts'
import type { InOrder, Service } from '../model/distribution/service.ts'
import type { ByPart } from '../parts/by-part.ts'
import type { WantedDirectory } from '../parts/part.ts'

/** A host's state in the terms of its operating system: everything that keel writes there. */
export type Rendered = FilesRendered | SystemRendered

interface AnyRendered {
  readonly distribution: DistributionKind
  readonly host: HostName
  /** A server has the cluster's API. */
  readonly role: Role
  readonly node: WantedNode
  /** The distribution's: enabled, running, each restarted when what it reads at its start changes. */
  readonly services: InOrder<Service>
  readonly access: Access
  readonly past: Past
  readonly places: Places
  /** The Node of the host is that of keel-vkubelet. */
  readonly isSystemdNode?: true
  /** What the distribution listens on for itself. */
  readonly ports: readonly string[]
  /** The features that keel starts and asks for beside it; their files are among the others. */
  readonly parts: ByPart<'placed'>
}

/** A system on which keel writes files, links and units. */
export interface FilesRendered extends AnyRendered {
  readonly kind: 'files'
  readonly artifacts: readonly PlacedArtifact[]
  readonly files: readonly WantedFile[]
  readonly links: readonly WantedLink[]
  /**
   * Folders keel makes where they are missing, parents first. An existing one keeps its mode, unless it is keel's own.
   */
  readonly directories: readonly WantedDirectory[]
  readonly credentials: readonly PlacedCredential[]
  readonly once: readonly OnceStep[]
  readonly permit?: Permit
  /** System extensions that must be merged before the service starts. */
  readonly extensions: readonly WantedExtension[]
}

/** A system that is built from sources and switched to as a whole (NixOS): keel's part of it is one module. */
export interface SystemRendered extends AnyRendered {
  readonly kind: 'system'
  readonly system: NixosSystem
  /** The inventory's version of k3s; nixpkgs decides which one the host gets. */
  readonly version: string
  /** hosts/<name>/k3s.nix, as it is in the sources. */
  readonly module: string
  /** What agenix decrypts on the host. */
  readonly secrets: readonly SecretName[]
  /** The tokens among them, where agenix puts them. */
  readonly tokens: readonly PlacedCredential[]
}

/** Where keel has files and links on a host; everything else there belongs to others. */
export function writtenPaths(rendered: Rendered): readonly string[] {
  switch (rendered.kind) {
    case 'files':
      return [...rendered.files, ...rendered.links].map(({ path }) => path)
    case 'system':
      return []
  }
}

/** As they are in a generation's manifest: with a `/` at their end, which no file has. */
export function ownedDirectories({ directories }: FilesRendered): readonly string[] {
  return directories.flatMap(({ path, owned }) => (owned === true ? [`${path}/`] : []))
}

/** What is at a path on the host, and what it is made from. */
export interface PlacedArtifact {
  readonly name: string
  readonly version: string
  readonly path: string
  readonly mode: string
  /** Of what is there: the program itself, or the image made of it. */
  readonly sha256: Sha256
  readonly from: Artifact
  readonly form: 'program' | 'sysext'
}

/**
 * systemd-sysext ends with status 0 for an image that it ignores; so a file from the image shows whether it is merged.
 */
export interface WantedExtension {
  readonly name: string
  /** What systemd-sysext finds it by. */
  readonly link: string
  readonly program: { readonly path: string; readonly sha256: Sha256 }
  /** systemd has to read its units once the image is merged. */
  readonly hasUnits?: true
}

export interface PlacedCredential extends WantedCredential {
  readonly path: string
}
