import { unitName } from '../names/unit-name.ts'
import type { Pod } from '../pod/pod.ts'
import { readMetadata } from '../units/metadata.ts'
import type { World } from './world.ts'

/** Why a Pod does not begin on this Node, with kubelet's reason (pkg/kubelet/lifecycle/predicate.go). */
export interface Rejection {
  readonly reason: 'NodePorts' | 'OutOfpods'
  readonly message: string
}

/**
 * The Pods that have no place here beside the others, by UID. The scheduler sends none, but a Pod that names its Node was
 * never shown to it. One that has begun stays, whatever comes; of those that have not, the first ones are in. Pure.
 */
export function rejections({
  pods,
  units,
  host,
}: Pick<World, 'pods' | 'units' | 'host'>): ReadonlyMap<string, Rejection> {
  const live = pods.flatMap((read) => (read.kind === 'pod' && !isLeaving(read.pod) ? [read.pod] : []))
  const [begun, others] = [live.filter((pod) => hasBegun(units, pod)), live.filter((pod) => !hasBegun(units, pod))]
  const owners = new Map(begun.flatMap((pod) => portsOf(pod).map((port) => [port, pod] as const)))
  const found = new Map<string, Rejection>()
  let count = begun.length
  for (const pod of others) {
    const taken = portsOf(pod).find((port) => owners.has(port))
    const owner = taken === undefined ? undefined : owners.get(taken)
    if (owner !== undefined) {
      const message = `host port ${taken} is that of Pod ${owner.namespace}/${owner.name}`
      found.set(pod.uid, { reason: 'NodePorts', message })
    } else if (count >= host.mostPods) {
      const message = `the Node takes ${host.mostPods} Pods, and has them`
      found.set(pod.uid, { reason: 'OutOfpods', message })
    } else {
      count += 1
      for (const port of portsOf(pod)) owners.set(port, pod)
    }
  }
  return found
}

/** It is over, or is being deleted: it needs nothing any more, and no place. */
export function isLeaving({ deletion, reported: { phase } }: Pod): boolean {
  return deletion !== undefined || phase === 'Succeeded' || phase === 'Failed'
}

/** Also before this program was started: nothing else says whose turn it was. */
function hasBegun(
  units: World['units'],
  { namespace, name: pod, uid, initContainers, containers, reported }: Pod,
): boolean {
  return (
    reported.startTime !== undefined ||
    [...initContainers, ...containers].some(({ name }) => {
      const unit = unitName({ namespace, pod, container: name })
      const text = units.get(unit)?.text
      return text !== undefined && readMetadata(unit, text)?.uid === uid
    })
  )
}

function portsOf({ containers }: Pod): readonly string[] {
  return containers.flatMap(({ hostPorts }) => hostPorts.map(({ port, protocol }) => `${port}/${protocol}`))
}
