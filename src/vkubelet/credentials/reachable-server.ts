import { connect } from 'node:net'
import { Remembered } from '../server/remembered.ts'

/** Milliseconds: for a connection to a server, and for which the answer is known. */
const LONGEST = 1_500
const FRESH = 15_000

/**
 * Which of several API servers a Node asks: the first that takes connections; where none does, the first.
 * @param servers at least one, the preferred one first
 */
export function reachableServer(servers: readonly [URL, ...URL[]]): () => Promise<URL> {
  const known = new Remembered<URL>(() => FRESH)
  const [preferred] = servers
  return () =>
    known.ask('server', async () => {
      for (const server of servers.length === 1 ? [] : servers) if (await takesConnections(server)) return server
      return preferred
    })
}

function takesConnections({ hostname, port }: URL): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 443), timeout: LONGEST })
    const end = (isThere: boolean) => {
      socket.destroy()
      resolve(isThere)
    }
    socket.once('connect', () => end(true))
    socket.once('timeout', () => end(false))
    socket.once('error', () => end(false))
  })
}
