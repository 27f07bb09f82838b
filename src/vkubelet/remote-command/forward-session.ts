import { RESET } from '../spdy/frame.ts'
import type { StreamEvent } from '../spdy/spdy-streams.ts'
import type { Streams } from './streams.ts'

/** What a session of `kubectl port-forward` says to the connections behind it. */
export type ForwardEvent =
  | { readonly kind: 'connect'; readonly connection: number; readonly port: number }
  | { readonly kind: 'data'; readonly connection: number; readonly bytes: Buffer }
  /** The client sends nothing more. */
  | { readonly kind: 'ended'; readonly connection: number }
  /** The client has gone. */
  | { readonly kind: 'closed'; readonly connection: number }

interface Pair {
  readonly port: number
  error?: number
  data?: number
}

/** Pairs of which only one stream has come. */
const MOST_HALVES = 64

/**
 * `kubectl port-forward` over the streams of one connection (k8s.io/kubelet/pkg/cri/streaming/portforward): for each
 * connection an error stream, then a data stream, with the same request ID. A connection has the number of its data
 * stream. It does no I/O.
 */
export class ForwardSession {
  readonly #streams: Streams
  readonly #halves = new Map<string, Pair>()
  /** By data stream. */
  readonly #pairs = new Map<number, Required<Pair>>()

  constructor(streams: Streams) {
    this.#streams = streams
  }

  take(event: StreamEvent): readonly ForwardEvent[] {
    const { stream } = event
    if (event.kind === 'opened') return this.#takeOpened(event)
    // the error stream of a pair is this side's alone
    if (!this.#pairs.has(stream)) return []
    if (event.kind === 'data') return [{ kind: 'data', connection: stream, bytes: event.bytes }]
    if (event.kind === 'ended') return [{ kind: 'ended', connection: stream }]
    this.#forget(stream)
    return [{ kind: 'closed', connection: stream }]
  }

  /** @returns false where nobody reads it any more */
  write(connection: number, bytes: Buffer): boolean {
    return this.#pairs.has(connection) && this.#streams.write(connection, bytes)
  }

  /** The other side of the connection has ended. @param fault why there was none: kubectl shows it, and ends */
  end(connection: number, fault = ''): void {
    const pair = this.#pairs.get(connection)
    if (pair === undefined) return
    this.#streams.write(pair.error, Buffer.from(fault), true)
    this.#streams.write(pair.data, Buffer.alloc(0), true)
    this.#pairs.delete(connection)
  }

  /** The connection of the client is gone. */
  close(): readonly ForwardEvent[] {
    const closed = [...this.#pairs.keys()].map((connection) => ({ kind: 'closed', connection }) as const)
    this.#pairs.clear()
    return closed
  }

  #takeOpened({ stream, headers }: StreamEvent & { kind: 'opened' }): readonly ForwardEvent[] {
    const type = headers.get('streamtype')
    const id = headers.get('requestid') ?? ''
    const port = portOf(headers.get('port'))
    const pair = this.#halves.get(id) ?? { port: port ?? 0 }
    const isWrong = port !== pair.port || port === undefined || (type !== 'error' && type !== 'data')
    if (
      isWrong ||
      pair[type] !== undefined ||
      id.length > 20 ||
      (this.#halves.size >= MOST_HALVES && !this.#halves.has(id))
    ) {
      this.#streams.reset(stream, RESET.refused)
      return []
    }
    pair[type] = stream
    const { error, data } = pair
    if (error === undefined || data === undefined) {
      this.#halves.set(id, pair)
      return []
    }
    this.#halves.delete(id)
    this.#pairs.set(data, { port, error, data })
    return [{ kind: 'connect', connection: data, port }]
  }

  #forget(connection: number): void {
    const pair = this.#pairs.get(connection)
    if (pair !== undefined) this.#streams.reset(pair.error)
    this.#pairs.delete(connection)
  }
}

function portOf(text: string | undefined): number | undefined {
  const port = /^\d{1,5}$/.test(text ?? '') ? Number(text) : 0
  return port > 0 && port < 65_536 ? port : undefined
}
