import type { Permit } from '../desired/host-state.ts'
import type { Host } from '../model/cluster.ts'
import { isNew } from '../probes/distribution/is-new.ts'
import type { Facts } from '../probes/facts.ts'
import type { Rendered } from '../targets/rendered.ts'
import { type Operation, starts } from './operation.ts'

interface Seen {
  readonly host: Host
  readonly facts: Facts
  readonly rendered: Rendered
}

/** The permit that a host needs for these operations: it is in no cluster, and the unit that founds or joins starts. Pure. */
export function duePermit({ host, facts, rendered }: Seen, operations: readonly Operation[]): Permit | undefined {
  const { permit } = rendered.kind === 'files' ? rendered : {}
  if (permit === undefined || !isNew(host, facts)) return undefined
  return operations.some((operation) => starts(operation, permit.unit)) ? permit : undefined
}
