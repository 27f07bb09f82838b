import type { Socket } from 'node:net'
import type { Server, TLSSocket } from 'node:tls'
import { type Client, clientOf } from './client.ts'

/**
 * The clients of a server, each known after its handshake. Of one with as many connections as are allowed, the next
 * one is closed.
 * @param most connections of clients with one name
 * @returns the client of a connection; undefined for one that is closed
 */
export function connectedClients(server: Server, most: number): (socket: Socket) => Client | undefined {
  const clients = new WeakMap<Socket, Client>()
  const open = new Map<string, Set<TLSSocket>>()
  server.on('secureConnection', (socket) => {
    const client = clientOf(socket)
    const own = open.get(client.name) ?? new Set()
    if (own.size >= most) {
      socket.destroy()
      return
    }
    clients.set(socket, client)
    open.set(client.name, own.add(socket))
    socket.once('close', () => {
      own.delete(socket)
      if (own.size === 0) open.delete(client.name)
    })
  })
  return (socket) => clients.get(socket)
}
