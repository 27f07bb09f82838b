import { growingPause } from '../growing-pause.ts'
import { PAUSES } from './pauses.ts'

/** Names that are remembered. What is too much comes again with the next list. */
const MOST = 1000

interface Failed {
  readonly failures: number
  readonly timer: NodeJS.Timeout
}

/** Names whose decision has failed. Each has a pause of its own, so that one that always fails delays no other. */
export class Retries {
  readonly #failed = new Map<string, Failed>()

  /** @param again called after the pause */
  add(name: string, again: () => void): void {
    const failures = (this.#failed.get(name)?.failures ?? 0) + 1
    this.end(name)
    if (this.#failed.size >= MOST) this.#forgetOne()
    this.#failed.set(name, { failures, timer: setTimeout(again, growingPause(PAUSES, failures)) })
  }

  /** It is decided, or gone. */
  end(name: string): void {
    clearTimeout(this.#failed.get(name)?.timer)
    this.#failed.delete(name)
  }

  endAll(): void {
    for (const name of this.#failed.keys()) this.end(name)
  }

  has(name: string): boolean {
    return this.#failed.has(name)
  }

  get isEmpty(): boolean {
    return this.#failed.size === 0
  }

  /** The one that has failed most often: it is the least likely to be decided. */
  #forgetOne(): void {
    const [most] = [...this.#failed].toSorted(([, a], [, b]) => b.failures - a.failures)
    if (most !== undefined) this.end(most[0])
  }
}
