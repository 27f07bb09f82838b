import { growingPause } from '../../agent/growing-pause.ts'
import { ApiError } from '../../agent/kubernetes/api.ts'
import { AtMost } from '../at-most.ts'
import type { PodIdentity } from '../pod/pod.ts'

interface Wanted {
  /** @throws ApiError */
  readonly report: (pod: PodIdentity, patch: object) => Promise<void>
  /** Deletes the object of a Pod. @throws ApiError */
  readonly remove: (pod: PodIdentity) => Promise<void>
  /** @param isNews refused for the 1st, 2nd, 4th … time in a row; where nobody answers, the watch says so for all Pods */
  readonly failed: (pod: PodIdentity, error: unknown, isNews: boolean) => void
}

/** What is to be told of one Pod, and what was. */
interface Lane {
  readonly pod: PodIdentity
  isBusy: boolean
  report?: { readonly key: string; readonly patch: () => object } | undefined
  removes: boolean
  /** The last one that arrived, and when: milliseconds. */
  told: { readonly key: string; readonly at: number }
  failures: number
  next: number
}

/** Questions to the API server at a time. */
const SIDE_BY_SIDE = 8
/** Milliseconds until the same is told once more: by then the watch has shown that it has arrived. */
const AGAIN = 2_000
const PAUSES = { shortest: 1_000, longest: 10_000 }
/** What stands for the deletion among the keys of reports, which are JSON. */
const REMOVED = 'removed'

/**
 * Tells the API server how Pods are, many at a time, and those of one Pod in order: a status that is not told yet is
 * replaced by a newer one, and its object goes only after its last status. Nobody waits for it: the reconciler wants the
 * same again at each step until the API server shows it.
 */
export class PodReports {
  readonly #lanes = new Map<string, Lane>()
  readonly #places = new AtMost(SIDE_BY_SIDE)
  readonly #wanted: Wanted

  constructor(wanted: Wanted) {
    this.#wanted = wanted
  }

  /** @param status without times: what is compared with the last one that was told @param patch of that status, made when it goes out */
  report(pod: PodIdentity, status: object, patch: () => object): void {
    const lane = this.#laneOf(pod)
    // nothing is kept for later: by then it may be old
    if (isPaused(lane)) return
    lane.report = { key: JSON.stringify(status), patch }
    this.#go(lane)
  }

  /** After the last report of this Pod. */
  remove(pod: PodIdentity): void {
    const lane = this.#laneOf(pod)
    if (isPaused(lane)) return
    lane.removes = true
    this.#go(lane)
  }

  /** @param uids of the Pods that are there */
  forget(uids: ReadonlySet<string>): void {
    for (const [uid, { isBusy }] of this.#lanes) if (!uids.has(uid) && !isBusy) this.#lanes.delete(uid)
  }

  #laneOf(pod: PodIdentity): Lane {
    const { uid } = pod
    const known = this.#lanes.get(uid)
    if (known !== undefined) return known
    const lane = { pod, isBusy: false, removes: false, told: { key: '', at: 0 }, failures: 0, next: 0 }
    this.#lanes.set(uid, lane)
    return lane
  }

  #go(lane: Lane): void {
    if (lane.isBusy) return
    lane.isBusy = true
    void this.#places
      .run(() => this.#tell(lane))
      .finally(() => {
        lane.isBusy = false
      })
  }

  /** Until nothing is left, or something fails: then it waits for another step. */
  async #tell(lane: Lane): Promise<void> {
    const { report, remove, failed } = this.#wanted
    try {
      for (;;) {
        const { report: next, removes } = lane
        if (next !== undefined) {
          if (!wasTold(lane, next.key)) {
            await report(lane.pod, next.patch())
            lane.told = { key: next.key, at: Date.now() }
          }
          // a newer one may have come meanwhile
          if (lane.report === next) lane.report = undefined
        } else if (removes) {
          lane.removes = false
          if (wasTold(lane, REMOVED)) continue
          await remove(lane.pod)
          lane.told = { key: REMOVED, at: Date.now() }
        } else break
      }
      lane.failures = 0
    } catch (error) {
      lane.failures += 1
      lane.next = Date.now() + growingPause(PAUSES, lane.failures)
      lane.report = undefined
      lane.removes = false
      const isAnswer = error instanceof ApiError && error.status !== undefined
      failed(lane.pod, error, isAnswer && Number.isInteger(Math.log2(lane.failures)))
    }
  }
}

function isPaused({ isBusy, next }: Lane): boolean {
  return !isBusy && Date.now() < next
}

function wasTold({ told }: Lane, key: string): boolean {
  return told.key === key && Date.now() - told.at < AGAIN
}
