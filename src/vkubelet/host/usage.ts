import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Pod } from '../pod/pod.ts'
import { wholeUnits } from '../pod/quantity.ts'
import { volumePath } from '../units/pod-folders.ts'

const run = promisify(execFile)
/** Milliseconds between two looks at all volumes with a limit, and for one look at one of them. */
const EVERY = 30_000
const LONGEST = 20_000

/**
 * How much is in the volumes on the disk that have a limit. Nothing holds them to it, so a Pod that is over it is evicted, as
 * kubelet does. In memory the kernel holds the limit.
 */
export class VolumeUsage {
  #exceeded: ReadonlyMap<string, string> = new Map()
  #next = 0
  #isLooking = false

  /** Pods that use more than they may, by UID, in kubelet's words: as they were at the last look. */
  get exceeded(): ReadonlyMap<string, string> {
    return this.#exceeded
  }

  /** Looks again, if it is time to; without waiting for it. */
  look(pods: readonly Pod[], now = Date.now()): void {
    if (this.#isLooking || now < this.#next) return
    this.#isLooking = true
    void overLimit(pods).then((found) => {
      this.#exceeded = found
      this.#next = Date.now() + EVERY
      this.#isLooking = false
    })
  }
}

async function overLimit(pods: readonly Pod[]): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  for (const pod of pods) {
    for (const volume of pod.volumes) {
      if (volume.kind !== 'empty' || volume.medium !== 'disk' || volume.limit === undefined) continue
      const used = await bytesIn(volumePath(pod.uid, volume))
      const limit = wholeUnits(volume.limit)
      if (used > limit) found.set(pod.uid, `Usage of EmptyDir volume "${volume.name}" exceeds the limit "${limit}".`)
    }
  }
  return found
}

/** Blocks on the disk, as kubelet counts them, of this file system alone. 0 for what can't be counted now. */
async function bytesIn(folder: string): Promise<bigint> {
  const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C' }
  try {
    const { stdout } = await run('du', ['-sx', '--block-size=1', '--', folder], { env, timeout: LONGEST })
    return BigInt(/^(\d+)\t/.exec(stdout)?.[1] ?? 0)
  } catch {
    return 0n
  }
}
