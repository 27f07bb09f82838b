import type { ContainerRef } from '../names/container-ref.ts'
import { unitName } from '../names/unit-name.ts'
import type { Pod } from '../pod/pod.ts'
import { readPod } from '../pod/read-pod.ts'
import type { SeenUnit } from '../reconcile/world.ts'
import { type Situation, situationOf } from '../state/situation.ts'
import { readMetadata } from '../units/metadata.ts'
import { Refused } from './kubelet-answers.ts'

/** What the server sees of the Node. */
export interface NodeView {
  readonly name: string
  /** The Pods of this Node, as the API server has them. */
  pods(): readonly unknown[]
  /** What the host has of a unit now. */
  unit(name: string): Promise<SeenUnit>
}

export interface SeenContainer {
  readonly pod: Pod
  readonly container: string
  readonly unit: string
  /** Of the unit's file. */
  readonly text: string | undefined
  readonly situation: Situation
}

/** The container that a request is about, as it is now. @throws Refused (404) for one that this Node does not have */
export async function containerAt(
  view: NodeView,
  { namespace, pod: name, container }: ContainerRef,
): Promise<SeenContainer> {
  const pod = podAt(view, namespace, name)
  const { initContainers, containers } = pod
  if (![...initContainers, ...containers].some((one) => one.name === container))
    throw new Refused(404, `container "${container}" not found in pod "${name}"`)
  const unit = unitName({ namespace, pod: name, container })
  const { text, shown } = await view.unit(unit)
  const found = text === undefined ? undefined : readMetadata(unit, text)
  // an earlier Pod of this name says nothing about this one
  const isOwn = found?.uid === pod.uid
  const situation = situationOf(
    isOwn ? found : undefined,
    isOwn ? shown : undefined,
    pod.reported.containers.get(container),
  )
  return { pod, container, unit, text: isOwn ? text : undefined, situation }
}

/** @throws Refused (404) */
export function podAt(view: NodeView, namespace: string, name: string): Pod {
  for (const object of view.pods()) {
    const read = readPod(object, view.name)
    if (read.kind === 'unreadable') continue
    const identity = read.kind === 'pod' ? read.pod : read.identity
    if (identity.namespace !== namespace || identity.name !== name) continue
    if (read.kind === 'pod') return read.pod
    throw new Refused(400, `pod "${name}" does not run: this Node refuses it`)
  }
  throw new Refused(404, `pod "${name}" not found on this Node`)
}
