import type { Permit } from '../desired/host-state.ts'
import type { Host } from '../model/cluster.ts'
import { isNew } from '../probes/distribution/is-new.ts'
import type { Facts } from '../probes/facts.ts'
import type { Rendered } from '../targets/rendered.ts'
import { hasOperation, type Operation, starts } from './operation.ts'

interface Seen {
  readonly host: Host
  readonly facts: Facts
  readonly rendered: Rendered
}

/**
 * The permit that a host needs for these operations: the unit that founds or joins starts, and the host is in no cluster;
 * or it upgrades the node. Pure.
 */
export function duePermit(seen: Seen, operations: readonly Operation[]): Permit | undefined {
  return hasOperation(operations, 'upgrade-node') ? permitOf(seen) : joinPermit(seen, operations)
}

/** The same of a host that founds its cluster or joins it. Pure. */
export function joinPermit(seen: Seen, operations: readonly Operation[]): Permit | undefined {
  const permit = permitOf(seen)
  if (permit === undefined || !isNew(seen.host, seen.facts)) return undefined
  return operations.some((operation) => starts(operation, permit.unit)) ? permit : undefined
}

function permitOf({ rendered }: Seen): Permit | undefined {
  return rendered.kind === 'files' ? rendered.permit : undefined
}
