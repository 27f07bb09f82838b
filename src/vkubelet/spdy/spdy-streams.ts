import { type Frame, RESET } from './frame.ts'
import type { Headers } from './header-block.ts'
import { limits } from './limits.ts'
import { SpdyFault } from './spdy-fault.ts'
import { dataFrames, goawayFrame, pingFrame, replyFrame, resetFrame } from './write-frame.ts'

/** What has happened on the streams of a connection. */
export type StreamEvent =
  | { readonly kind: 'opened'; readonly stream: number; readonly headers: Headers }
  | { readonly kind: 'data'; readonly stream: number; readonly bytes: Buffer }
  /** The client sends nothing more on it. */
  | { readonly kind: 'ended'; readonly stream: number }
  /** Nobody sends on it any more. */
  | { readonly kind: 'reset'; readonly stream: number }

interface Sides {
  client: boolean
  own: boolean
}

/**
 * The streams of one connection, on the side of the server: which are open, and who may still send on them (SPDY/3,
 * section 2.3). It does no I/O: `send` gets the bytes for the client, in order.
 */
export class SpdyStreams {
  readonly #send: (bytes: Buffer) => void
  /** Whether each side may still send. */
  readonly #open = new Map<number, Sides>()
  #last = 0
  #count = 0
  #hasReplied = false
  #isLeaving = false

  constructor(send: (bytes: Buffer) => void) {
    this.#send = send
  }

  /** @throws SpdyFault */
  take(frame: Frame): readonly StreamEvent[] {
    switch (frame.kind) {
      case 'ping':
        // an own ping would be answered, and this side sends none
        if (frame.id % 2 === 1) this.#send(pingFrame(frame.id))
        return []
      case 'goaway':
        this.#isLeaving = true
        return []
      case 'reset':
        return this.#open.delete(frame.stream) ? [{ kind: 'reset', stream: frame.stream }] : []
      case 'open':
        return this.#takeOpen(frame)
      case 'data':
        return this.#takeData(frame)
    }
  }

  /** Sends on a stream. @returns false where this side can't any more: the client has reset it, or it has ended */
  write(stream: number, bytes: Buffer, isLast = false): boolean {
    const sides = this.#open.get(stream)
    if (sides?.own !== true) return false
    // an empty piece says nothing but that it is the last one
    if (bytes.length > 0 || isLast) for (const frame of dataFrames(stream, bytes, isLast)) this.#send(frame)
    if (isLast) this.#close(stream, sides, 'own')
    return true
  }

  /** Ends a stream at once. */
  reset(stream: number, status: number = RESET.cancel): void {
    if (this.#open.delete(stream)) this.#send(resetFrame(stream, status))
  }

  /** Says that this side is done. */
  leave(): void {
    this.#send(goawayFrame(this.#last))
  }

  get size(): number {
    return this.#open.size
  }

  #takeOpen({ stream, headers, isLast }: Frame & { kind: 'open' }): readonly StreamEvent[] {
    if (stream % 2 === 0) throw new SpdyFault('a stream of the client with an even number')
    if (stream <= this.#last) throw new SpdyFault('a stream whose number is not a new one')
    this.#last = stream
    this.#count += 1
    if (this.#count > limits.allStreams || this.#isLeaving) throw new SpdyFault('too many streams')
    if (this.#open.size >= limits.streams) {
      this.#send(resetFrame(stream, RESET.refused))
      return []
    }
    this.#open.set(stream, { client: !isLast, own: true })
    this.#send(replyFrame(stream, !this.#hasReplied))
    this.#hasReplied = true
    return [{ kind: 'opened', stream, headers }, ...(isLast ? [{ kind: 'ended', stream } as const] : [])]
  }

  #takeData({ stream, bytes, isLast }: Frame & { kind: 'data' }): readonly StreamEvent[] {
    const sides = this.#open.get(stream)
    if (sides === undefined) {
      // of a stream that was reset, data may still be under way; of one that never was, the client is wrong
      if (stream > this.#last || stream % 2 === 0) this.#send(resetFrame(stream, RESET.invalidStream))
      return []
    }
    if (!sides.client) throw new SpdyFault('data on a stream that the client has ended')
    if (isLast) this.#close(stream, sides, 'client')
    return [
      ...(bytes.length > 0 ? [{ kind: 'data', stream, bytes } as const] : []),
      ...(isLast ? [{ kind: 'ended', stream } as const] : []),
    ]
  }

  #close(stream: number, sides: Sides, side: keyof Sides): void {
    sides[side] = false
    if (!sides.client && !sides.own) this.#open.delete(stream)
  }
}
