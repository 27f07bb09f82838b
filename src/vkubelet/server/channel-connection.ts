import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { ChannelFault } from '../remote-command/channel-fault.ts'
import { ChannelStreams } from '../remote-command/channel-streams.ts'
import type { CommandQuery } from '../remote-command/command-query.ts'
import { drainOf, Holders, type StreamConnection, type StreamHandlers } from './stream-connection.ts'

/** RFC 6455, section 7.4.1. */
const CLOSE = { normal: 1000, protocolError: 1002 } as const

/** The streams of a command on a WebSocket. */
export class ChannelConnection implements StreamConnection {
  readonly streams: ChannelStreams
  readonly #socket: Duplex
  readonly #holders: Holders

  /** @param socket below the WebSocket @param protocol of `protocolOf` */
  constructor(
    webSocket: WebSocket,
    socket: Duplex,
    protocol: string,
    query: CommandQuery,
    { take, closed }: StreamHandlers,
  ) {
    this.#socket = socket
    this.#holders = new Holders(webSocket)
    this.streams = new ChannelStreams(protocol, query, {
      send: (message) => webSocket.send(message),
      end: () => webSocket.close(CLOSE.normal),
    })
    let hasBegun = false
    const begin = () => {
      if (hasBegun) return
      hasBegun = true
      for (const event of this.streams.begin()) take(event)
    }
    webSocket.on('message', (message) => {
      // what ws gives, unless it is told otherwise
      if (!Buffer.isBuffer(message)) return
      begin()
      try {
        for (const event of this.streams.take(message)) take(event)
      } catch (error) {
        if (!(error instanceof ChannelFault)) throw error
        webSocket.close(CLOSE.protocolError)
        socket.destroy()
      }
    })
    socket.once('close', closed)
    setImmediate(begin)
  }

  hold(): () => void {
    return this.#holders.hold()
  }

  drained(): Promise<void> | undefined {
    return drainOf(this.#socket)
  }
}
