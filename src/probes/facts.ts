import type { HostName } from '../model/brands.ts'
import type { InOrder } from '../model/distribution/service.ts'
import type { LiveObject } from '../model/kubernetes/cluster-object.ts'
import type { UnitName } from '../model/systems/unit-name.ts'
import type { ByPart } from '../parts/by-part.ts'
import type { UnitState } from '../parts/unit-state.ts'
import type { ClusterMembers } from './cluster/cluster-members.ts'
import type { ContainerdFacts } from './distribution/containerd.ts'
import type { DistributionRun } from './distribution/distribution-run.ts'
import type { Settings } from './distribution/k3s-settings.ts'
import type { SeenPast } from './distribution/seen-past.ts'
import type { ForeignState } from './foreign.ts'
import type { CredentialState } from './host/credential-notes.ts'
import type { GenerationState } from './host/generation.ts'
import type { HostSystem } from './host/host-system.ts'
import type { NixosState } from './host/nixos-system.ts'
import type { PathState } from './host/path-states.ts'
import type { NodeMarks, OwnedMarks } from './node/node-marks.ts'
import type { NodeStatus } from './node/node-status.ts'

/** How systemd sees a service of the distribution. */
export interface ServiceState extends UnitState {
  readonly unit: UnitName
  /** By path: none is keel's. */
  readonly dropIns: readonly string[]
}

/** What was seen on one host, once. */
export type Facts = FilesFacts | SystemFacts

export interface AnyFacts {
  readonly host: HostName
  readonly system: HostSystem
  /** The distribution's, as the host was asked for them. */
  readonly services: InOrder<ServiceState>
  /** What is there beside keel and concerns k3s; absent where it was not asked. */
  readonly foreign?: ForeignState
  /** Absent where it was not asked. */
  readonly containerd?: ContainerdFacts
  readonly past: SeenPast
  readonly run: DistributionRun
  readonly generation: GenerationState
  /** Of the parts that the host is to have. */
  readonly parts: ByPart<'seen'>
  /** Absent if its k3s can't ask the API for it. */
  readonly node?: NodeMarks
  /** Absent as `node` is. */
  readonly status?: NodeStatus
  /** Asked of a server; absent where its API does not answer. */
  readonly objects?: readonly LiveObject[]
  /** Asked of a server, by Node: which labels and taints keel has given it; absent where its API does not answer. */
  readonly records?: Readonly<Record<string, OwnedMarks>>
  /** What the cluster was founded with, where its distribution keeps that. Absent where the API does not answer. */
  readonly founded?: Settings
  /** Asked of one server; absent where its API does not answer. */
  readonly members?: ClusterMembers
  /**
   * Identifies what was seen of everything but the units, the API and the address, which change by themselves: a deploy
   * refuses a host that has changed since (`digestOf`). Absent in the answer to a quick question.
   */
  readonly digest?: string
}

/** Of a host on which keel writes files. */
export interface FilesFacts extends AnyFacts {
  readonly kind: 'files'
  readonly paths: Readonly<Record<string, PathState>>
  readonly credentials: Readonly<Record<string, CredentialState>>
}

/** Of a host whose system is built as a whole. */
export interface SystemFacts extends AnyFacts {
  readonly kind: 'system'
  readonly nixos: NixosState
}

/** @throws Error for the answer to a quick question: no deploy relies on it */
export function digestOf({ host, digest }: Facts): string {
  if (digest === undefined) throw new Error(`${host} was asked a quick question`)
  return digest
}
