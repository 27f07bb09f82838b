/**
 * What a host prints on one stream, copied into one buffer that grows: a packet of one byte would keep alive the 64 KiB
 * that it arrived in. `push` answers false once there is more than `most` bytes, and keeps nothing of that.
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

  /** UTF-8; bytes that are none show as U+FFFD. */
  text(): string {
    return this.#bytes.toString('utf8', 0, this.#length)
  }
}
