import { restartWithoutData } from '../../plan/host/data-gone.ts'
import { planHost } from '../../plan/host/plan-host.ts'
import type { WantedHost } from '../../plan/host/wanted-host.ts'
import type { Operation } from '../../plan/operation.ts'
import type { Facts } from '../../probes/facts.ts'
import type { Change, Drift } from './cluster-status.ts'

/**
 * How a host differs from the inventory, by the same comparison as a plan's. Labels and taints of its Node are no part
 * of it, nor what is in large files (`Questions.quick`). Pure.
 */
export function driftOf({ host, rendered, sources }: WantedHost, facts: Facts): Drift {
  if (sources === undefined) return { kind: 'unknown' }
  const operations = restartWithoutData(host, rendered, facts, planHost(rendered, facts, sources))
  return operations.length === 0 ? { kind: 'none' } : { kind: 'differs', changes: operations.map(changeOf) }
}

function changeOf(operation: Operation): Change {
  const { op } = operation
  if ('path' in operation) return { op, to: operation.path }
  if ('unit' in operation) return { op, to: operation.unit }
  return 'id' in operation ? { op, to: operation.id } : { op }
}
