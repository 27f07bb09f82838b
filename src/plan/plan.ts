import type { Fault } from '../errors.ts'
import type { HostName } from '../model/brands.ts'
import type { Role } from '../model/cluster.ts'
import type { Operation } from './operation.ts'

/** What deploy would do, host by host in its order. Readonly and JSON-serialisable; holds no secret and nothing derived from one. */
export interface Plan {
  readonly hosts: readonly HostPlan[]
  /** What forbids the whole deploy; each names its host. Nothing is written anywhere while one stands. */
  readonly refusals: readonly Fault[]
  /** What deploy leaves as it is, and somebody should know. */
  readonly notes: readonly HostNote[]
}

export interface HostNote extends Fault {
  readonly at: HostName
}

export interface HostPlan {
  readonly host: HostName
  readonly role: Role
  /** Hosts of one wave may go at the same time; a wave starts when the one before it is healthy. */
  readonly wave: number
  readonly operations: readonly Operation[]
}

export function isEmpty(plan: Plan): boolean {
  return plan.hosts.every(({ operations }) => operations.length === 0)
}
