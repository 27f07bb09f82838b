import { AtMost } from '../at-most.ts'
import type { PodIdentity } from '../pod/pod.ts'
import type { PodEvent } from './post-event.ts'

interface Wanted {
  /** @throws ApiError */
  readonly post: (pod: PodIdentity, event: PodEvent, count: number) => Promise<void>
  readonly failed: (pod: PodIdentity, error: unknown) => void
}

/** Questions to the API server at a time, and how many more may wait: a status is worth more than an Event. */
const SIDE_BY_SIDE = 2
const MOST_WAITING = 500
/** Milliseconds after which the same is new again (client-go, defaultAggregateIntervalInSeconds). */
const SAME = 600_000

/**
 * Tells Events of Pods, and nobody waits for them. The same one of the same Pod goes out the 1st, 2nd, 4th, 8th … time, with its
 * count: a probe that fails each second is no Event each second.
 */
export class PodEvents {
  readonly #counts = new Map<string, { count: number; last: number }>()
  readonly #places = new AtMost(SIDE_BY_SIDE)
  readonly #wanted: Wanted
  #waiting = 0

  constructor(wanted: Wanted) {
    this.#wanted = wanted
  }

  tell(pod: PodIdentity, event: PodEvent, now = Date.now()): void {
    const key = `${pod.uid}/${event.reason}/${event.message}`
    const known = this.#counts.get(key)
    const count = known !== undefined && now - known.last < SAME ? known.count + 1 : 1
    this.#counts.set(key, { count, last: now })
    if (!Number.isInteger(Math.log2(count)) || this.#waiting >= MOST_WAITING) return
    this.#waiting += 1
    const { post, failed } = this.#wanted
    void this.#places
      .run(() => post(pod, event, count))
      .catch((error: unknown) => failed(pod, error))
      .finally(() => {
        this.#waiting -= 1
      })
  }

  forget(now = Date.now()): void {
    for (const [key, { last }] of this.#counts) if (now - last >= SAME) this.#counts.delete(key)
  }
}
