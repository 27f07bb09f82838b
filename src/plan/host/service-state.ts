import { ofNode, type Service } from '../../model/distribution/service.ts'
import type { UnitState } from '../../parts/unit-state.ts'
import type { Facts, ServiceState } from '../../probes/facts.ts'

/** How a host's service was seen. */
export function stateOf({ unit }: Service, { host, services }: Facts): ServiceState {
  const seen = services.find((one) => one.unit === unit)
  if (seen === undefined) throw new Error(`${host} was not asked for ${unit}`)
  return seen
}

/** Started, or about to be. */
export function isUp({ active }: UnitState): boolean {
  return ['active', 'activating', 'reloading'].includes(active)
}

/** Whether the service runs that makes the host a node of its cluster. */
export function nodeRuns({ services }: Pick<Facts, 'services'>): boolean {
  return ofNode(services).active === 'active'
}
