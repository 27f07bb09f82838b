import type { StreamEvent } from '../spdy/spdy-streams.ts'
import { ChannelFault } from './channel-fault.ts'
import type { CommandQuery } from './command-query.ts'
import type { Streams } from './streams.ts'

/** The first byte of each message, in both directions (k8s.io/apimachinery, remotecommand). */
const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4 } as const

/** The channel of v5 on which a client says that it sends nothing more on the channel of the next byte. */
const END = 255

interface Wire {
  send(message: Buffer): void
  /** All streams have ended: the connection closes, in order. */
  end(): void
}

/**
 * The streams of a command over one WebSocket: v5.channel.k8s.io, and v4 without `END`. A stream has the number of its
 * channel; nobody opens them, they are there at once. It does no I/O.
 */
export class ChannelStreams implements Streams {
  readonly #wire: Wire
  readonly #hasEnds: boolean
  /** Channels on which the client may still send something. */
  readonly #client: Set<number>
  /** Channels that have not ended on this side. */
  readonly #own: Set<number>
  readonly #asked: readonly (keyof typeof CHANNEL)[]

  constructor(protocol: string, { stdin, stdout, stderr, tty }: CommandQuery, wire: Wire) {
    this.#wire = wire
    this.#hasEnds = protocol.startsWith('v5.')
    const asked = { stdin, stdout, stderr, error: true, resize: tty }
    this.#asked = (['stdin', 'stdout', 'stderr', 'error', 'resize'] as const).filter((one) => asked[one])
    this.#own = new Set(this.#asked.map((one) => CHANNEL[one]))
    this.#client = new Set([CHANNEL.stdin, CHANNEL.resize].filter((one) => this.#own.has(one)))
  }

  /** Tells the client that the connection is there, by an empty message on the first channel that this side writes. */
  begin(): readonly StreamEvent[] {
    const first = [CHANNEL.stdout, CHANNEL.stderr].find((one) => this.#own.has(one)) ?? CHANNEL.error
    this.#wire.send(Buffer.from([first]))
    return this.#asked.map((streamtype) => ({
      kind: 'opened',
      stream: CHANNEL[streamtype],
      headers: new Map([['streamtype', streamtype]]),
    }))
  }

  /** @throws ChannelFault */
  take(message: Buffer): readonly StreamEvent[] {
    const [channel] = message
    // kubelet takes no notice of an empty one
    if (channel === undefined) return []
    if (channel === END && this.#hasEnds) return this.#takeEnd(message)
    if (channel > CHANNEL.resize) throw new ChannelFault('a message on no channel')
    if (channel !== CHANNEL.stdin && channel !== CHANNEL.resize) return []
    if (!this.#own.has(channel)) return []
    if (!this.#client.has(channel)) throw new ChannelFault('data on a channel that the client has ended')
    return message.length > 1 ? [{ kind: 'data', stream: channel, bytes: message.subarray(1) }] : []
  }

  write(stream: number, bytes: Buffer, isLast = false): boolean {
    if (!this.#own.has(stream)) return false
    if (bytes.length > 0) this.#wire.send(Buffer.concat([Buffer.from([stream]), bytes]))
    if (isLast) this.reset(stream)
    return true
  }

  /** A channel ends without a word: there is none for it. */
  reset(stream: number): void {
    this.#client.delete(stream)
    if (this.#own.delete(stream) && this.#own.size === 0) this.#wire.end()
  }

  /** At its end, kubectl also ends the channels that only this side writes on. */
  #takeEnd(message: Buffer): readonly StreamEvent[] {
    const [, channel = END] = message
    if (message.length !== 2 || channel > CHANNEL.resize) throw new ChannelFault('the end of no channel')
    return this.#client.delete(channel) ? [{ kind: 'ended', stream: channel }] : []
  }
}
