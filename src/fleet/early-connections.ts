import type { Host } from '../model/cluster.ts'
import type { Transport } from '../ssh/transport.ts'
import type { Connect } from './connect.ts'
import { targetOf } from './target-of.ts'

interface Begun {
  readonly transport: Promise<Transport>
  readonly stop: AbortController
}

/**
 * Connections that begin before keel knows what to ask: a host takes about as long to log keel in as keel takes to
 * render what is wanted. Those that nobody has taken are closed at the end.
 */
export class EarlyConnections implements AsyncDisposable {
  readonly #connect: Connect
  readonly #begun = new Map<string, Begun>()

  constructor(hosts: readonly Host[], connect: Connect, signal: AbortSignal) {
    this.#connect = connect
    for (const host of hosts) {
      // `targetOf` reports that one to the caller who wants the connection
      if (host.hostKey === undefined) continue
      const stop = new AbortController()
      const transport = connect(targetOf(host), AbortSignal.any([signal, stop.signal]))
      // the one who takes it gets the fault
      transport.catch(() => undefined)
      this.#begun.set(host.name, { transport, stop })
    }
  }

  /** The connection that has begun, once; later a new one. */
  readonly connect: Connect = (target, signal) => {
    const begun = this.#begun.get(target.name)
    if (begun === undefined) return this.#connect(target, signal)
    this.#begun.delete(target.name)
    const stop = () => begun.stop.abort(signal?.reason)
    if (signal?.aborted === true) stop()
    signal?.addEventListener('abort', stop, { once: true })
    return begun.transport
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const rest = [...this.#begun.values()]
    this.#begun.clear()
    for (const { stop } of rest) stop.abort(new Error('nobody wants the connection'))
    await Promise.allSettled(rest.map(async ({ transport }) => (await transport).close()))
  }
}
