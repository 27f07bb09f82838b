/**
 * A time limit that can be paused while a person is asked, together with the caller's own signal. The first of the two
 * aborts it.
 */
export class TimeLimit {
  readonly #aborted = new AbortController()
  readonly #milliseconds: number
  #expired: () => unknown
  readonly #outer: AbortSignal | undefined
  #timer: NodeJS.Timeout | undefined
  #disposed = false

  /** `expired` creates the reason of the abort. */
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

  /** Replaces the reason of the abort, once keel knows better why it takes so long. */
  because(reason: unknown): void {
    this.#expired = () => reason
  }

  hold(): void {
    clearTimeout(this.#timer)
  }

  /** Starts the whole time again. Does nothing after the limit was aborted or ended. */
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
