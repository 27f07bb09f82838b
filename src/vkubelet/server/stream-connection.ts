import type { Duplex } from 'node:stream'
import type { Streams } from '../remote-command/streams.ts'
import type { StreamEvent } from '../spdy/spdy-streams.ts'

/** A client's connection with its streams, whatever carries them. */
export interface StreamConnection {
  readonly streams: Streams
  /**
   * Nothing more is read until all have let go who hold it: neither SPDY/3.1 as Kubernetes speaks it nor a WebSocket has
   * windows, so this holds all streams.
   * @returns lets go, once
   */
  hold(): () => void
  /** @returns undefined where more can be written now; else the time when it can */
  drained(): Promise<void> | undefined
}

export interface StreamHandlers {
  /** Not before its maker has the connection. */
  take(event: StreamEvent): void
  /** The connection is gone, for whatever reason. Once. */
  closed(): void
}

/** What can be paused: `pause` with the first who holds it, `resume` with the last who lets go. */
export class Holders {
  readonly #paused: { pause(): unknown; resume(): unknown }
  #count = 0

  constructor(paused: { pause(): unknown; resume(): unknown }) {
    this.#paused = paused
  }

  hold(): () => void {
    this.#count += 1
    this.#paused.pause()
    let isHeld = true
    return () => {
      if (!isHeld) return
      isHeld = false
      this.#count -= 1
      if (this.#count === 0) this.#paused.resume()
    }
  }
}

/** As `StreamConnection.drained`, of a socket. */
export function drainOf(socket: Duplex): Promise<void> | undefined {
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
