import { removeLeftovers } from './leftovers.ts'
import type { Operation } from './operation.ts'
import type { PodStep } from './pod-step.ts'
import { stepOfRefused } from './refused.ts'
import { stepOfPod } from './step-of-pod.ts'
import { usersToRemove } from './users.ts'
import type { World } from './world.ts'

/**
 * One step towards what the API server wants: what to do now, in this order. Pure. After it has been done, also in part,
 * the next look leads to the next step. An empty list means that nothing has to be done until something changes or
 * time passes.
 */
export function reconcile(world: World): readonly Operation[] {
  const steps = world.pods.flatMap((read): PodStep[] => {
    if (read.kind === 'unreadable') return []
    return [read.kind === 'pod' ? stepOfPod(world, read.pod) : stepOfRefused(read)]
  })
  const files = steps.flatMap((one) => one.files)
  const run = steps.flatMap((one) => one.run)
  const isLoaded = (unit: string) => world.units.get(unit)?.shown !== undefined
  // systemd reads a new file by itself, and a changed one only when it is told to
  const isStale =
    files.some((one) => one.kind === 'write-unit' && isLoaded(one.unit)) ||
    run.some((unit) => world.units.get(unit)?.shown?.needsReload === true)
  return [
    ...removeLeftovers(world),
    ...usersToRemove(world),
    ...steps.flatMap(({ before }) => before),
    ...files,
    ...(isStale ? [{ kind: 'reload' } as const] : []),
    ...(run.length > 0 ? [{ kind: 'run', units: run } as const] : []),
    ...steps.flatMap(({ after }) => after),
  ]
}
