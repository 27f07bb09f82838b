import type { Duplex } from 'node:stream'
import { FrameReader } from '../spdy/frame-reader.ts'
import { SpdyFault } from '../spdy/spdy-fault.ts'
import { SpdyStreams } from '../spdy/spdy-streams.ts'
import { drainOf, Holders, type StreamConnection, type StreamHandlers } from './stream-connection.ts'

/** Bytes that wait for a client that does not read. What is written waits for `drained`, so only answers add up. */
const MOST_UNSENT = 4_194_304

/** The streams of SPDY/3.1 on a socket that was upgraded to it, or in the messages of a WebSocket. */
export class SpdyConnection implements StreamConnection {
  readonly streams: SpdyStreams
  readonly #socket: Duplex
  readonly #holders: Holders

  /** @param head what came with the request */
  constructor(socket: Duplex, head: Buffer, { take, closed }: StreamHandlers) {
    this.#socket = socket
    this.#holders = new Holders(socket)
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

  hold(): () => void {
    return this.#holders.hold()
  }

  drained(): Promise<void> | undefined {
    return drainOf(this.#socket)
  }

  /** Sends what is written, and closes. */
  end(): void {
    this.streams.leave()
    this.#socket.end()
  }
}
