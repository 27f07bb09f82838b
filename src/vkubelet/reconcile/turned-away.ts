import { unitName } from '../names/unit-name.ts'
import type { Pod } from '../pod/pod.ts'
import type { World } from './world.ts'

/**
 * The UIDs of Pods that this Node does not take because it has as many as it can have. The scheduler counts, too; who writes
 * the name of a Node into a Pod does not ask it. A Pod that was taken stays, whatever comes.
 */
export function turnedAway({ pods, units, host: { mostPods } }: World): ReadonlySet<string> {
  const open = pods.flatMap((one) => (one.kind === 'pod' && !isOver(one.pod) ? [one.pod] : []))
  if (open.length <= mostPods) return new Set()
  const isTaken = (pod: Pod) => pod.reported.startTime !== undefined || hasUnit(units, pod)
  const arrived = open.filter((pod) => !isTaken(pod))
  const room = Math.max(mostPods - (open.length - arrived.length), 0)
  return new Set(arrived.slice(room).map(({ uid }) => uid))
}

function isOver({ reported: { phase } }: Pod): boolean {
  return phase === 'Succeeded' || phase === 'Failed'
}

function hasUnit(units: World['units'], { namespace, name, initContainers, containers }: Pod): boolean {
  return [...initContainers, ...containers].some((one) =>
    units.has(unitName({ namespace, pod: name, container: one.name })),
  )
}
