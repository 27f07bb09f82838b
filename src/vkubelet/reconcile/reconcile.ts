import type { Pod } from '../pod/pod.ts'
import { SLICE_OF_ALL, sliceOfAll } from '../units/slice-of-all.ts'
import { unitText } from '../units/unit-text.ts'
import { rejections } from './admission.ts'
import { removeLeftovers } from './leftovers.ts'
import type { Operation } from './operation.ts'
import type { PodStep } from './pod-step.ts'
import { stepOfRefused, stepOfRejected } from './refused.ts'
import { signalsAtOnce } from './signals.ts'
import { stepOfPod } from './step-of-pod.ts'
import { usersToRemove } from './users.ts'
import type { World } from './world.ts'

/**
 * One step towards what the API server wants: what to do now, in this order. Pure. After it has been done, also in part,
 * the next look leads to the next step. An empty list means that nothing has to be done until something changes or
 * time passes.
 */
export function reconcile(world: World): readonly Operation[] {
  const rejected = rejections(world)
  const steps = world.pods.flatMap((read): PodStep[] => {
    if (read.kind === 'unreadable') return []
    if (read.kind === 'refused') return [stepOfRefused(read)]
    const rejection = rejected.get(read.pod.uid)
    return [rejection === undefined ? stepOrFault(world, read.pod) : stepOfRejected(read.pod, rejection)]
  })
  const before = steps.flatMap((one) => one.before)
  const files = steps.flatMap((one) => one.files)
  const run = steps.flatMap((one) => one.run)
  const isLoaded = (unit: string) => world.units.get(unit)?.shown !== undefined
  // systemd reads a new file by itself, and a changed one only when it is told to
  const isStale =
    files.some((one) => one.kind === 'write-unit' && isLoaded(one.unit)) ||
    run.some((unit) => world.units.get(unit)?.shown?.needsReload === true)
  return [
    ...limitsOfAll(world),
    ...removeLeftovers(world),
    ...usersToRemove(world),
    ...before.filter(({ kind }) => kind !== 'signal'),
    ...signalsAtOnce(before),
    ...files,
    ...(isStale ? [{ kind: 'reload' } as const] : []),
    ...(run.length > 0 ? [{ kind: 'run', units: run } as const] : []),
    ...steps.flatMap(({ after }) => after),
  ]
}

/** Also for Pods that run already, and where somebody has changed the file. */
function limitsOfAll({ units, host: { together } }: World): readonly Operation[] {
  if (together === undefined) return []
  const text = unitText(sliceOfAll(together))
  const { text: found, shown } = units.get(SLICE_OF_ALL) ?? {}
  if (found === text && shown?.needsReload !== true) return []
  return [
    { kind: 'write-unit', unit: SLICE_OF_ALL, text },
    ...(shown === undefined ? [] : [{ kind: 'reload' } as const]),
  ]
}

/** A Pod about which nothing can be decided does not keep others from their turn. */
function stepOrFault(world: World, pod: Pod): PodStep {
  try {
    return stepOfPod(world, pod)
  } catch (error) {
    return { before: [], files: [{ kind: 'fail', pod, error }], run: [], after: [] }
  }
}
