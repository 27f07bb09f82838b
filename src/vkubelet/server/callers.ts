import type { Socket } from 'node:net'
import type { Server, TLSSocket } from 'node:tls'
import { type User, userOf } from '../requests/user.ts'

/** Whom a connection is from, taken after its handshake: node forgets the certificate when the connection ends. */
interface Caller {
  readonly user: User
  /** Milliseconds: when the certificate ends. */
  readonly ends: number
}

/**
 * The users of connections that have shown a certificate of the CA of the clients. Of the others there may be so many; for
 * the next one, the oldest is closed.
 * @returns the user of a connection, while the certificate is valid
 */
export function callersOf(server: Server, mostStrangers: number): (socket: Socket) => User | undefined {
  const callers = new WeakMap<Socket, Caller>()
  const strangers = new Set<TLSSocket>()
  server.on('secureConnection', (socket) => {
    const certificate = socket.authorized ? socket.getPeerCertificate() : undefined
    const user = certificate === undefined ? undefined : userOf(certificate.subject ?? {})
    if (certificate !== undefined && user !== undefined) {
      callers.set(socket, { user, ends: Date.parse(certificate.valid_to) })
      return
    }
    socket.once('close', () => strangers.delete(socket))
    const [oldest] = strangers.add(socket)
    if (strangers.size > mostStrangers) oldest?.destroy()
  })
  return (socket) => {
    const caller = callers.get(socket)
    return caller !== undefined && Date.now() < caller.ends ? caller.user : undefined
  }
}
