/** Answers at once: one for each key of a client. */
const MOST = 512

interface Entry<Value> {
  readonly value: Promise<Value>
  /** Milliseconds; not yet known while the answer is under way. */
  until: number
}

/**
 * Answers that are asked for once, and then known for a short time. A question that comes while its answer is under way
 * waits for the same one. A failure is not remembered.
 */
export class Remembered<Value> {
  readonly #lastsOf: (value: Value) => number
  readonly #entries = new Map<string, Entry<Value>>()

  /** @param lastsOf milliseconds for which an answer is known */
  constructor(lastsOf: (value: Value) => number) {
    this.#lastsOf = lastsOf
  }

  /** @param now milliseconds by a clock that does not jump */
  ask(key: string, find: () => Promise<Value>, now: () => number = () => performance.now()): Promise<Value> {
    const known = this.#entries.get(key)
    if (known !== undefined && now() < known.until) return known.value
    const entry: Entry<Value> = { value: find(), until: Number.POSITIVE_INFINITY }
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    for (const [oldest] of this.#entries) if (this.#entries.size > MOST) this.#entries.delete(oldest)
    entry.value.then(
      (value) => {
        entry.until = now() + this.#lastsOf(value)
      },
      () => {
        if (this.#entries.get(key) === entry) this.#entries.delete(key)
      },
    )
    return entry.value
  }
}
