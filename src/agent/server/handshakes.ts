import type { Socket } from 'node:net'
import type { Server } from 'node:tls'

/**
 * Closes the oldest connection that has not shown a certificate when there are too many of them. So a client with a
 * certificate, which needs a moment for its handshake, gets in while others hold connections open. It is one that has sent
 * nothing, if there is one, because a client sends its first bytes as soon as it is connected. Of these it is one of the
 * address that has most of them, so that one machine alone keeps out only itself.
 * @param most connections without a finished handshake
 * @returns closes all of them
 */
export function boundHandshakes(server: Server, most: number): () => void {
  const waiting = new Map<string, Socket>()
  server.on('connection', (socket: Socket) => {
    const key = keyOf(socket)
    waiting.set(key, socket)
    socket.once('close', () => waiting.delete(key))
    if (waiting.size <= most) return
    const all = [...waiting.values()]
    const silent = all.filter((one) => one !== socket && one.bytesRead === 0)
    const oldest = oldestOfMost(silent.length > 0 ? silent : all)
    if (oldest === undefined) return
    waiting.delete(keyOf(oldest))
    oldest.destroy()
  })
  server.on('secureConnection', (socket) => waiting.delete(keyOf(socket)))
  return () => {
    for (const socket of waiting.values()) socket.destroy()
  }
}

/** @param sockets the oldest first */
function oldestOfMost(sockets: readonly Socket[]): Socket | undefined {
  const ofAddress = Map.groupBy(sockets, ({ remoteAddress }) => remoteAddress)
  const [most] = [...ofAddress.values()].toSorted((one, other) => other.length - one.length)
  return most?.[0]
}

/** The server's two events are about the same connection, and have different sockets for it. */
function keyOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}
