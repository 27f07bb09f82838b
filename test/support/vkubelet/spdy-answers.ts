/** What a server has sent on the streams of a connection, read by other means than the server's own. */
export class SpdyAnswers {
  readonly replies = new Set<number>()
  readonly resets = new Set<number>()
  readonly ended = new Set<number>()
  readonly #data = new Map<number, Buffer[]>()
  #rest = Buffer.alloc(0)

  add(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk])
    for (;;) {
      const bytes = this.#rest
      if (bytes.length < 8) return
      const length = bytes.readUIntBE(5, 3)
      if (bytes.length < 8 + length) return
      const payload = bytes.subarray(8, 8 + length)
      this.#rest = bytes.subarray(8 + length)
      const first = bytes.readUInt32BE(0)
      if (first < 0x8000_0000) {
        this.#data.set(first, [...(this.#data.get(first) ?? []), payload])
        if ((bytes[4] ?? 0) % 2 === 1) this.ended.add(first)
        continue
      }
      const type = first & 0xffff
      if (type === 2) this.replies.add(payload.readUInt32BE(0))
      if (type === 3) this.resets.add(payload.readUInt32BE(0))
    }
  }

  text(stream: number): string {
    return Buffer.concat(this.#data.get(stream) ?? []).toString()
  }
}
