import type { TLSSocket } from 'node:tls'
import { type Role, roleOf } from './role.ts'

/** Who a connection is from, as the certificate says that it has shown. */
export interface Client {
  readonly name: string
  readonly role?: Role
  /** When the certificate ends: milliseconds. */
  readonly ends: number
}

/** Taken once, after the handshake: node forgets a certificate when the connection ends, even before its last request. */
export function clientOf(socket: TLSSocket): Client {
  const { subject, valid_to } = socket.getPeerCertificate()
  const role = roleOf(subject.O)
  return { name: `${subject.CN ?? ''}`, ...(role === undefined ? {} : { role }), ends: Date.parse(valid_to) }
}
