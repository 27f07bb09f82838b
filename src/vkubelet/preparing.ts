import type { Pod } from './pod/pod.ts'
import type { Preparations } from './prepare.ts'

interface Wanted {
  readonly prepare: (pod: Pod) => Promise<Preparations>
  readonly failed: (pod: Pod, error: unknown) => void
  /** Milliseconds for which one step waits. */
  readonly patience: number
}

interface Open {
  found?: Preparations
  /** A step has gone on without it. */
  isLate: boolean
  readonly result: Promise<void>
}

/**
 * Prepares each Pod for itself. A step waits for all of them for a moment, and does not wait for the slow ones: theirs are
 * there at one of the next steps.
 */
export class Preparing {
  readonly #open = new Map<string, Open>()
  readonly #changed: () => void

  /** @param changed one that was too late for its step is there */
  constructor(changed: () => void) {
    this.#changed = changed
  }

  /** What is there by now. Never fails: what a Pod can't have is a failure of that Pod. */
  async prepare(pods: readonly Pod[], { prepare, failed, patience }: Wanted): Promise<Preparations> {
    const uids = new Set(pods.map(({ uid }) => uid))
    for (const uid of this.#open.keys()) if (!uids.has(uid)) this.#open.delete(uid)
    for (const pod of pods) if (!this.#open.has(pod.uid)) this.#begin(pod, prepare(pod), failed)
    const { promise: late, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, patience)
    await Promise.race([late, Promise.all([...this.#open.values()].map(({ result }) => result))])
    clearTimeout(timer)
    const preparations: Preparations['preparations'][] = []
    const variables: Preparations['variables'][] = []
    const contents: Preparations['contents'][] = []
    for (const [uid, open] of this.#open) {
      const { found } = open
      open.isLate = true
      if (found === undefined) continue
      this.#open.delete(uid)
      preparations.push(found.preparations)
      variables.push(found.variables)
      contents.push(found.contents)
    }
    const merged = <Value>(maps: readonly ReadonlyMap<string, Value>[]) => new Map(maps.flatMap((one) => [...one]))
    return { preparations: merged(preparations), variables: merged(variables), contents: merged(contents) }
  }

  #begin(pod: Pod, work: Promise<Preparations>, failed: Wanted['failed']): void {
    const { uid } = pod
    const result = work.then(
      (found) => {
        open.found = found
        if (open.isLate) this.#changed()
      },
      (error: unknown) => {
        this.#open.delete(uid)
        failed(pod, error)
      },
    )
    const open: Open = { result, isLate: false }
    this.#open.set(uid, open)
  }
}
