import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { AtMost } from '../at-most.ts'
import type { Pod } from '../pod/pod.ts'
import { wholeUnits } from '../pod/quantity.ts'
import type { Volume } from '../pod/volume.ts'
import { volumePath } from '../units/pod-folders.ts'

const run = promisify(execFile)
/** Milliseconds between two looks at the volumes of a Pod: a step at rest comes every 30 seconds, and none is too early. */
const EVERY = 25_000
/** The same for one look: a Pod can make millions of files, so that it is never counted in a shorter time. */
const LONGEST = 600_000
/** Pods that are looked at: one that takes long keeps none of the others. */
const SIDE_BY_SIDE = 8

/**
 * How much is in the volumes on the disk that have a limit. Nothing holds them to it, so a Pod that is over it is evicted, as
 * kubelet does. In memory the kernel holds the limit.
 */
export class VolumeUsage {
  readonly #exceeded = new Map<string, string>()
  /** Milliseconds: when a Pod is looked at again. */
  readonly #next = new Map<string, number>()
  readonly #places = new AtMost(SIDE_BY_SIDE)
  readonly #changed: () => void

  /** @param changed a Pod is over its limit */
  constructor(changed: () => void) {
    this.#changed = changed
  }

  /** Pods that use more than they may, by UID, in kubelet's words: as they were at the last look. */
  get exceeded(): ReadonlyMap<string, string> {
    return this.#exceeded
  }

  /** Looks again, where it is time to; without waiting for it. */
  look(pods: readonly Pod[], now = Date.now()): void {
    const limited = pods.filter(({ volumes }) => volumes.some((one) => limitOf(one) !== undefined))
    const uids = new Set(limited.map(({ uid }) => uid))
    for (const known of [this.#next, this.#exceeded])
      for (const uid of known.keys()) if (!uids.has(uid)) known.delete(uid)
    for (const pod of limited) {
      if (now < (this.#next.get(pod.uid) ?? 0)) continue
      this.#next.set(pod.uid, Number.POSITIVE_INFINITY)
      void this.#places
        .run(() => overLimit(pod))
        .then((why) => {
          // it may be gone by now
          if (!this.#next.has(pod.uid)) return
          this.#next.set(pod.uid, now + EVERY)
          if (why === undefined) this.#exceeded.delete(pod.uid)
          else if (!this.#exceeded.has(pod.uid)) {
            this.#exceeded.set(pod.uid, why)
            this.#changed()
          }
        })
    }
  }
}

/** Bytes; undefined for a volume that nobody has to watch. */
function limitOf(volume: Volume): bigint | undefined {
  const isWatched = volume.kind === 'empty' && volume.medium === 'disk' && volume.limit !== undefined
  return isWatched ? wholeUnits(volume.limit) : undefined
}

async function overLimit({ uid, volumes }: Pod): Promise<string | undefined> {
  for (const volume of volumes) {
    const limit = limitOf(volume)
    if (limit !== undefined && (await bytesIn(volumePath(uid, volume))) > limit)
      return `Usage of EmptyDir volume "${volume.name}" exceeds the limit "${limit}".`
  }
  return undefined
}

/** Blocks on the disk, as kubelet counts them, of this file system alone. 0 for what can't be counted now. */
async function bytesIn(folder: string): Promise<bigint> {
  const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C' }
  const words = ['-c', 'exec du -sx --block-size=1 -- "$1" 2>/dev/null', 'sh', folder]
  const { stdout } = await run('sh', words, { env, timeout: LONGEST }).catch((error: { stdout?: string }) => ({
    // also where a file went meanwhile: who makes and removes files all the time is counted all the same
    stdout: error.stdout ?? '',
  }))
  return BigInt(/^(\d+)\t/.exec(stdout)?.[1] ?? 0)
}
