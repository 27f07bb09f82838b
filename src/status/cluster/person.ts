/** A person who types passwords: keel's waiting for that is no host's slowness. */
export class Person {
  #open = 0
  #last = 0

  /** When the person last answered, by the clock of `performance.now`; 0: never. */
  get lastAnswer(): number {
    return this.#last
  }

  /** Whether a question is open, or was some milliseconds ago. */
  wasAskedWithin(milliseconds: number): boolean {
    return this.#open > 0 || (this.#last > 0 && performance.now() - this.#last < milliseconds)
  }

  /** Asks, and remembers when. */
  async during<Reply>(ask: () => Promise<Reply>): Promise<Reply> {
    this.#open += 1
    try {
      return await ask()
    } finally {
      this.#open -= 1
      this.#last = performance.now()
    }
  }
}
