/** The binary messages that a server has sent on a WebSocket, read by other means than the server's own. */
export class WebSocketAnswers {
  readonly #take: (message: Buffer) => void
  #rest = Buffer.alloc(0)

  constructor(take: (message: Buffer) => void) {
    this.#take = take
  }

  /** Frames without a mask, each a whole message (RFC 6455, section 5.2). */
  add(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk])
    for (;;) {
      const bytes = this.#rest
      const short = (bytes[1] ?? 0) & 0x7f
      const start = short < 126 ? 2 : short === 126 ? 4 : 10
      if (bytes.length < start) return
      const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2))
      if (bytes.length < start + length) return
      this.#rest = bytes.subarray(start + length)
      if (bytes[0] === 0x82) this.#take(bytes.subarray(start, start + length))
    }
  }
}
