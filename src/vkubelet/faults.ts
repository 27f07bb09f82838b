import { growingPause } from '../agent/growing-pause.ts'

/** Milliseconds: the first pause after a fault, and the longest. */
const PAUSES = { shortest: 1_000, longest: 300_000 }

interface Fault {
  readonly failures: number
  /** In words without a value of a secret. */
  readonly why: string
  /** When it is tried again, in milliseconds. */
  readonly next: number
}

/**
 * What has failed, and when it is tried again: by the UID of a Pod, or by what it was where it belongs to no Pod. A program
 * that starts again tries at once.
 */
export class Faults {
  readonly #known = new Map<string, Fault>()

  /** @returns milliseconds until the next try */
  failed(key: string, why: string, now: number, random?: number): number {
    const failures = (this.#known.get(key)?.failures ?? 0) + 1
    const pause = growingPause(PAUSES, failures, random)
    this.#known.set(key, { failures, why, next: now + pause })
    return pause
  }

  succeeded(key: string): void {
    this.#known.delete(key)
  }

  /** What is not to be tried now, and why. */
  paused(now: number): ReadonlyMap<string, string> {
    return new Map([...this.#known].flatMap(([key, { next, why }]) => (now < next ? [[key, why]] : [])))
  }

  /** Forgets what has had time for another try, and was not tried again: it is gone. */
  forget(now: number): void {
    for (const [key, { next }] of this.#known) if (now > next + PAUSES.longest) this.#known.delete(key)
  }
}
