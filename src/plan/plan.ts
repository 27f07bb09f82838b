import type { Fault } from '../errors.ts'
import type { HostName } from '../model/brands.ts'
import type { Role } from '../model/cluster.ts'
import type { ObjectOperation } from './object-operation.ts'
import type { Operation } from './operation.ts'

/**
 * What deploy would do, host by host in its order. Readonly and JSON-serialisable; holds no secret and nothing derived
 * from one.
 */
export interface Plan {
  readonly hosts: readonly HostPlan[]
  /** What happens to keel's objects in the cluster's API, once every host is as it should be. */
  readonly objects: ObjectsPlan
  /** What forbids the whole deploy; each names its host. Nothing is written anywhere while there is one. */
  readonly refusals: readonly Fault[]
  /** What deploy does not change, but a user should know. */
  readonly notes: readonly HostNote[]
  /** Hosts that were asked and did not answer: nothing above is about them. Absent where all did. */
  readonly unreachable?: readonly Fault[]
}

export interface HostNote extends Fault {
  /** The host, or the file of the inventory if it is about the whole cluster. */
  readonly at: HostName | 'hosts/cluster'
}

export interface HostPlan {
  readonly host: HostName
  readonly role: Role
  /** Hosts of one wave may go at the same time; a wave starts when the one before it is healthy. */
  readonly wave: number
  readonly operations: readonly Operation[]
}

export interface ObjectsPlan {
  readonly operations: readonly ObjectOperation[]
  /** The server through whose API; absent where nothing is to be done. */
  readonly through?: HostName
}

export function isEmpty({ hosts, objects }: Plan): boolean {
  return objects.operations.length === 0 && hosts.every(({ operations }) => operations.length === 0)
}
