import type { Pod } from '../pod/pod.ts'
import type { World } from './world.ts'

/** Why a Pod ends before its time, and by when it has to have ended: milliseconds. */
export interface Doom {
  readonly reason: 'DeadlineExceeded' | 'Evicted'
  readonly message: string
  readonly by: number
}

/** Nothing remembers it: it can be seen again at every step, until the Pod is reported as failed. */
export function doomOf({ exceeded, now }: Pick<World, 'exceeded' | 'now'>, pod: Pod): Doom | undefined {
  const message = exceeded.get(pod.uid)
  // kubelet gives such a Pod a second
  if (message !== undefined) return { reason: 'Evicted', message, by: now }
  const { longest, reported } = pod
  if (longest === undefined || reported.startTime === undefined) return undefined
  const deadline = Date.parse(reported.startTime) + longest * 1000
  if (now < deadline) return undefined
  return {
    reason: 'DeadlineExceeded',
    message: 'Pod was active on the node longer than the specified deadline',
    by: deadline + pod.grace * 1000,
  }
}
