import type { Socket } from 'node:net'
import type { Server } from 'node:tls'

/**
 * Closes the oldest connection that has not shown a certificate when there are too many of them. So a client with a
 * certificate, which needs a moment for its handshake, gets in while others hold connections open.
 * @param most connections without a finished handshake
 * @returns how many were closed so far
 */
export function boundHandshakes(server: Server, most: number): () => number {
  const waiting = new Map<string, Socket>()
  let closed = 0
  server.on('connection', (socket: Socket) => {
    const key = keyOf(socket)
    waiting.set(key, socket)
    socket.once('close', () => waiting.delete(key))
    const [oldest] = waiting
    if (waiting.size <= most || oldest === undefined) return
    waiting.delete(oldest[0])
    oldest[1].destroy()
    closed += 1
  })
  server.on('secureConnection', (socket) => waiting.delete(keyOf(socket)))
  return () => closed
}

/** The server's two events are about the same connection, and have different sockets for it. */
function keyOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}
