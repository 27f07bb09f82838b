import type { Operation } from './operation.ts'
import { settledProcesses } from './settled.ts'
import type { World } from './world.ts'

/** When it is time for the next step: at rest, by the end of one of these processes. */
export type NextStep =
  | { readonly kind: 'soon' }
  | { readonly kind: 'again' }
  | { readonly kind: 'rest'; readonly processes: readonly number[] }

/**
 * Pure.
 * @param operations of this step
 * @param hasJustRun systemd was told to start something a moment ago
 */
export function nextStep(
  operations: readonly Operation[],
  world: Pick<World, 'pods' | 'units'>,
  hasJustRun: boolean,
): NextStep {
  if (operations.some(changesSoon) || (hasJustRun && isStarting(world))) return { kind: 'soon' }
  const processes = operations.length === 0 ? settledProcesses(world) : undefined
  return processes === undefined ? { kind: 'again' } : { kind: 'rest', processes }
}

/** Most programs begin and end in milliseconds. */
function changesSoon(operation: Operation): boolean {
  return operation.kind === 'run' || (operation.kind === 'signal' && operation.signal === 'SIGTERM')
}

/** Between fork and exec, systemd makes the mounts of a unit: a tenth of a second, now and then two. */
function isStarting({ units }: Pick<World, 'units'>): boolean {
  return [...units.values()].some(({ shown }) => shown?.active === 'activating')
}
