import type { Writable } from 'node:stream'
import type { StreamConnection } from './stream-connection.ts'

/** Those for which somebody is held. */
const full = new WeakSet<Writable>()

/**
 * Holds a client until a stream has taken what the client has sent to it, or is gone. What came with it is still written,
 * and holds nobody a second time.
 */
export function holdUntilDrained(connection: Pick<StreamConnection, 'hold'>, stream: Writable): void {
  if (full.has(stream)) return
  full.add(stream)
  const letGo = connection.hold()
  const done = () => {
    full.delete(stream)
    stream.off('drain', done)
    stream.off('close', done)
    letGo()
  }
  stream.on('drain', done)
  stream.on('close', done)
}
