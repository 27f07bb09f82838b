import type { Duplex } from 'node:stream'
import { FrameReader } from '../spdy/frame-reader.ts'
import { SpdyFault } from '../spdy/spdy-fault.ts'
import { SpdyStreams, type StreamEvent } from '../spdy/spdy-streams.ts'

/** Bytes that wait for a client that does not read. What is written waits for `drained`, so only answers add up. */
const MOST_UNSENT = 4_194_304

interface Handlers {
  take(event: StreamEvent): void
  /** The connection is gone, for whatever reason. Once. */
  closed(): void
}

/** The streams of SPDY/3.1 on a socket that was upgraded to it. */
export class SpdyConnection {
  readonly streams: SpdyStreams
  readonly #socket: Duplex
  #holders = 0

  /** @param head what came with the request */
  constructor(socket: Duplex, head: Buffer, { take, closed }: Handlers) {
    this.#socket = socket
    this.streams = new SpdyStreams((bytes) => socket.write(bytes))
    const reader = new FrameReader()
    const read = (chunk: Buffer) => {
      try {
        for (const frame of reader.read(chunk)) for (const event of this.streams.take(frame)) take(event)
      } catch (error) {
        if (!(error instanceof SpdyFault)) throw error
        socket.destroy()
      }
      if (socket.writableLength > MOST_UNSENT) socket.destroy()
    }
    socket.on('error', () => socket.destroy())
    socket.once('close', closed)
    // a socket of an upgrade stays half open by default: a client that is killed only ends its side
    socket.once('end', () => socket.destroy())
    socket.on('data', read)
    // read later, when the caller has what it asked for
    if (head.length > 0) socket.unshift(head)
  }

  /**
   * Nothing more is read until all have let go who hold it: SPDY/3.1 as Kubernetes speaks it has no windows, so this holds
   * all streams.
   * @returns lets go, once
   */
  hold(): () => void {
    this.#holders += 1
    this.#socket.pause()
    let isHeld = true
    return () => {
      if (!isHeld) return
      isHeld = false
      this.#holders -= 1
      if (this.#holders === 0) this.#socket.resume()
    }
  }

  /** @returns undefined where more can be written now; else the time when it can */
  drained(): Promise<void> | undefined {
    const socket = this.#socket
    if (!socket.writableNeedDrain || socket.destroyed) return undefined
    return new Promise((resolve) => {
      const done = () => {
        socket.off('drain', done)
        socket.off('close', done)
        resolve()
      }
      socket.once('drain', done)
      socket.once('close', done)
    })
  }

  /** Sends what is written, and closes. */
  end(): void {
    this.streams.leave()
    this.#socket.end()
  }
}
