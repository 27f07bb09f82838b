import { RESET } from '../spdy/frame.ts'
import type { StreamEvent } from '../spdy/spdy-streams.ts'
import type { CommandQuery } from './command-query.ts'
import { exitStatus, type Outcome } from './exit-status.ts'
import type { Streams } from './streams.ts'
import { type TerminalSize, TerminalSizes } from './terminal-size.ts'

/** What a session says to its command. */
export type CommandEvent =
  /** All streams are there: the command begins now. */
  | { readonly kind: 'start' }
  | { readonly kind: 'stdin'; readonly bytes: Buffer }
  | { readonly kind: 'stdin-ended' }
  | { readonly kind: 'resize'; readonly size: TerminalSize }
  /** The client has gone: the command is to be ended. */
  | { readonly kind: 'gone' }

type StreamType = 'error' | 'stdin' | 'stdout' | 'stderr' | 'resize'

/**
 * A command of `kubectl exec` or `attach` over the streams of one connection: remotecommand v4 and v5
 * (k8s.io/kubelet/pkg/cri/streaming/remotecommand). It does no I/O.
 */
export class CommandSession {
  readonly #streams: Streams
  readonly #wanted: ReadonlySet<StreamType>
  readonly #found = new Map<StreamType, number>()
  readonly #sizes = new TerminalSizes()
  #state: 'gathers' | 'runs' | 'over' = 'gathers'

  constructor(streams: Streams, { stdin, stdout, stderr, tty }: CommandQuery) {
    this.#streams = streams
    const wanted: StreamType[] = ['error']
    if (stdin) wanted.push('stdin')
    if (stdout) wanted.push('stdout')
    if (stderr) wanted.push('stderr')
    if (tty) wanted.push('resize')
    this.#wanted = new Set(wanted)
  }

  take(event: StreamEvent): readonly CommandEvent[] {
    if (this.#state === 'over') return []
    if (event.kind === 'opened') return this.#takeOpened(event)
    const type = this.#typeOf(event.stream)
    if (type === undefined) return []
    if (event.kind === 'reset') return this.#gone()
    if (type === 'stdin')
      return [event.kind === 'data' ? { kind: 'stdin', bytes: event.bytes } : { kind: 'stdin-ended' }]
    if (type === 'resize' && event.kind === 'data') {
      const size = this.#sizes.read(event.bytes)
      return size === undefined ? [] : [{ kind: 'resize', size }]
    }
    return []
  }

  /** @returns false where nobody reads it any more */
  write(type: 'stdout' | 'stderr', bytes: Buffer): boolean {
    const stream = this.#found.get(type)
    return this.#state === 'runs' && stream !== undefined && this.#streams.write(stream, bytes)
  }

  /** Tells the client how it ended, and ends all streams: it waits for each of them. */
  end(outcome: Outcome): void {
    if (this.#state === 'over') return
    this.#state = 'over'
    const error = this.#found.get('error')
    if (error !== undefined) this.#streams.write(error, exitStatus(outcome))
    for (const stream of this.#found.values()) this.#streams.write(stream, Buffer.alloc(0), true)
  }

  /** The connection is gone. */
  close(): readonly CommandEvent[] {
    return this.#state === 'over' ? [] : this.#gone()
  }

  #takeOpened({ stream, headers }: StreamEvent & { kind: 'opened' }): readonly CommandEvent[] {
    const type = [...this.#wanted].find((one) => one === headers.get('streamtype'))
    if (type === undefined || this.#found.has(type) || this.#state !== 'gathers') {
      this.#streams.reset(stream, RESET.refused)
      return []
    }
    this.#found.set(type, stream)
    if (this.#found.size < this.#wanted.size) return []
    this.#state = 'runs'
    return [{ kind: 'start' }]
  }

  #gone(): readonly CommandEvent[] {
    const hasBegun = this.#state === 'runs'
    this.#state = 'over'
    return hasBegun ? [{ kind: 'gone' }] : []
  }

  #typeOf(stream: number): StreamType | undefined {
    return [...this.#found].find(([, one]) => one === stream)?.[0]
  }
}
