import type { Access } from '../model/distribution/access.ts'
import type { Past } from '../model/distribution/past.ts'
import type { Places } from '../model/distribution/places.ts'
import type { InOrder } from '../model/distribution/service.ts'
import type { ClusterObject } from '../model/kubernetes/cluster-object.ts'
import type { UnitName } from '../model/systems/unit-name.ts'
import type { ByPart } from '../parts/by-part.ts'
import type { ForeignQuestion } from './foreign.ts'
import type { CredentialPlace } from './host/credential-notes.ts'

/** What a host is asked. */
export type Questions = FilesQuestions | SystemQuestions

interface AnyQuestions {
  /** The distribution's. */
  readonly units: InOrder<UnitName>
  readonly parts: ByPart<'placed'>
  readonly foreign?: ForeignQuestion
  readonly access: Access
  readonly past: Past
  readonly places: Places
  /** The name of its Node. */
  readonly node: string
  /**
   * For an answer in no time: of large files the content is taken to be the one that is given here by path, if any. No
   * program is asked for its version, and no API for the host's Node; nothing is asked that only a deploy relies on.
   */
  readonly quick?: { readonly contents: Readonly<Record<string, string>> }
  /** Of a host whose containers the containerd of its system runs. */
  readonly containerd?: boolean
  /** Of a server: what keel wants in the cluster's API. */
  readonly objects?: readonly ClusterObject[]
  /** Of a server: which Nodes and etcd members there are. */
  readonly members?: boolean
}

export interface FilesQuestions extends AnyQuestions {
  readonly kind: 'files'
  readonly paths: readonly string[]
  readonly credentials: readonly CredentialPlace[]
}

export interface SystemQuestions extends AnyQuestions {
  readonly kind: 'system'
}
