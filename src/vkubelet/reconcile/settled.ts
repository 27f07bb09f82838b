import { unitName } from '../names/unit-name.ts'
import type { Pod } from '../pod/pod.ts'
import type { ShownUnit } from '../state/shown-units.ts'
import type { World } from './world.ts'

/**
 * The main processes of a Node on which nothing is in motion: each container runs that a Pod wants, and no other. While
 * they live and the Pods stay the same, another look at systemd shows only what somebody has changed by hand. Pure.
 * @returns undefined where something is to come by itself: a start, an end, a pause, a deadline
 */
export function settledProcesses({ pods, units }: Pick<World, 'pods' | 'units'>): readonly number[] | undefined {
  const known = new Set<string>()
  const processes: number[] = []
  for (const read of pods) {
    // without units
    if (read.kind !== 'pod') continue
    const { pod } = read
    const found = processesOf(pod, units)
    if (found === undefined) return undefined
    processes.push(...found)
    for (const { name } of [...pod.initContainers, ...pod.containers]) known.add(unitOf(pod, name))
  }
  const isStray = [...units.keys()].some((unit) => unit.endsWith('.service') && !known.has(unit))
  return isStray ? undefined : processes
}

function processesOf(pod: Pod, units: World['units']): readonly number[] | undefined {
  if (pod.deletion !== undefined || pod.longest !== undefined) return undefined
  if (pod.reported.phase === 'Succeeded' || pod.reported.phase === 'Failed') return []
  const found = pod.containers.map(({ name }) => processOf(units.get(unitOf(pod, name))?.shown))
  return found.every((pid) => pid !== undefined) ? found : undefined
}

function processOf(shown: ShownUnit | undefined): number | undefined {
  return shown?.active === 'active' && shown.end === undefined ? shown.pid : undefined
}

function unitOf({ namespace, name: pod }: Pod, container: string): string {
  return unitName({ namespace, pod, container })
}
