/** Does at most so many things at a time. The others wait for their turn, in the order in which they came. */
export class AtMost {
  readonly #most: number
  readonly #waiting: (() => void)[] = []
  #running = 0

  /** @param most at least 1 */
  constructor(most: number) {
    this.#most = most
  }

  /** @throws what the work throws */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#running < this.#most) this.#running += 1
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      // its place passes on, so nobody can come between
      if (next === undefined) this.#running -= 1
      else next()
    }
  }
}
