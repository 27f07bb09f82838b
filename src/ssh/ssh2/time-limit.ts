/**
 * A time limit that can be held while a person is being asked, together with the caller's own signal: aborted by
 * whichever comes first.
 */
export class TimeLimit {
  readonly #aborted = new AbortController()
  readonly #milliseconds: number
  #expired: () => unknown
  readonly #outer: AbortSignal | undefined
  #timer: NodeJS.Timeout | undefined
  #disposed = false

  /** `expired` makes the abort's reason. */
  constructor(milliseconds: number, expired: () => unknown, outer?: AbortSignal) {
    this.#milliseconds = milliseconds
    this.#expired = expired
    this.#outer = outer
    this.#outer?.addEventListener('abort', this.#outerAborted)
    if (outer?.aborted) this.#outerAborted()
    else this.restart()
  }

  get signal(): AbortSignal {
    return this.#aborted.signal
  }

  /** From now on this is the abort's reason: more is known of why it takes so long. */
  because(reason: unknown): void {
    this.#expired = () => reason
  }

  hold(): void {
    clearTimeout(this.#timer)
  }

  /** The whole time once more. An answer that comes when nobody waits any longer starts nothing. */
  restart(): void {
    clearTimeout(this.#timer)
    if (this.#disposed || this.signal.aborted) return
    this.#timer = setTimeout(() => this.#aborted.abort(this.#expired()), this.#milliseconds)
  }

  [Symbol.dispose](): void {
    this.#disposed = true
    this.hold()
    this.#outer?.removeEventListener('abort', this.#outerAborted)
  }

  readonly #outerAborted = () => {
    this.hold()
    this.#aborted.abort(this.#outer?.reason)
  }
}
