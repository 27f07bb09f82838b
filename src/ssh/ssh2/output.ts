/**
 * What a host prints on one stream, copied into one buffer that grows, because a packet of one byte would keep the 64
 * KiB in memory in which it arrived. `push` returns false once there are more than `most` bytes, and stores none of
 * those.
 */
export class Output {
  readonly #most: number
  #bytes = Buffer.alloc(0)
  #length = 0

  constructor(most: number) {
    this.#most = most
  }

  push(more: Uint8Array): boolean {
    const length = this.#length + more.length
    if (length > this.#most) return false
    if (length > this.#bytes.length) {
      const grown = Buffer.alloc(Math.min(this.#most, Math.max(length, this.#bytes.length * 2, 4096)))
      grown.set(this.#bytes.subarray(0, this.#length))
      this.#bytes = grown
    }
    this.#bytes.set(more, this.#length)
    this.#length = length
    return true
  }

  /** UTF-8. Invalid bytes appear as U+FFFD. */
  text(): string {
    return this.#bytes.toString('utf8', 0, this.#length)
  }
}
