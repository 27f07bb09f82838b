import type { Container, Pod } from '../pod/pod.ts'
import type { Situation } from '../state/situation.ts'
import type { Doom } from './doom.ts'
import type { Operation } from './operation.ts'
import type { World } from './world.ts'

interface Seen {
  readonly container: Container
  readonly unit: string
  readonly situation: Situation
}

/**
 * How a container ends: its hook, SIGTERM to its main process, and SIGKILL to all of it when the time is over, whatever was
 * before.
 */
export function signalsOf(world: World, pod: Pod, seen: Seen, doom: Doom | undefined): readonly Operation[] {
  const { unit, situation, container } = seen
  const kill: Operation[] = [{ kind: 'signal', units: [unit], signal: 'SIGKILL' }]
  // its main process has ended, and others of it have not: in a container they would have ended with it
  if (situation.kind === 'ended') return (world.units.get(unit)?.shown?.tasks ?? 0) > 0 ? kill : []
  if (situation.kind !== 'running' && situation.kind !== 'starting') return []
  const { invocation } = situation
  const by = endOf(world, pod, invocation, doom)
  if (by === undefined) return []
  if (world.now >= by) return kill
  if (world.signalled.has(invocation)) return []
  if (container.hooks.preStop !== undefined && situation.kind === 'running') {
    const hook = world.healths.get(invocation)?.preStop
    if (hook === undefined) return [{ kind: 'pre-stop', pod, container: container.name, invocation }]
    if (hook === 'runs') return []
  }
  return [{ kind: 'signal', units: [unit], signal: 'SIGTERM' }]
}

/** When a run has to have ended, in milliseconds; undefined where it goes on. */
function endOf({ healths }: World, pod: Pod, invocation: string, doom: Doom | undefined): number | undefined {
  if (pod.deletion !== undefined) return pod.deletion.by
  const failed = healths.get(invocation)?.failed
  const ends = [
    ...(doom === undefined ? [] : [doom.by]),
    ...(failed === undefined ? [] : [failed.since + (failed.grace ?? pod.grace) * 1000]),
  ]
  return ends.length === 0 ? undefined : Math.min(...ends)
}

/** One operation for all units that get the same signal: each call of systemctl takes its time. */
export function signalsAtOnce(operations: readonly Operation[]): readonly Operation[] {
  return (['SIGTERM', 'SIGKILL'] as const).flatMap((signal): Operation[] => {
    const units = operations.flatMap((one) => (one.kind === 'signal' && one.signal === signal ? one.units : []))
    return units.length === 0 ? [] : [{ kind: 'signal', units, signal }]
  })
}
