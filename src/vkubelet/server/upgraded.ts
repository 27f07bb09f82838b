import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Carrier } from '../remote-command/protocol.ts'

/** What is left of a request that asks for another protocol: nothing has answered it yet. */
export interface Upgraded {
  readonly request: IncomingMessage
  readonly socket: Duplex
  /** What came with it. */
  readonly head: Buffer
  /** What the client changes to. */
  readonly carrier: Carrier
}

/** @param upgrade the header `Upgrade` @returns undefined for what this Node does not change to */
export function carrierOf(upgrade: string): Carrier | undefined {
  const name = upgrade.toLowerCase()
  return name === 'spdy/3.1' ? 'spdy' : name === 'websocket' ? name : undefined
}

/** Changes to SPDY/3.1 (the API server and kubectl, k8s.io/apimachinery, httpstream/spdy). */
export function acceptUpgrade({ socket }: Pick<Upgraded, 'socket'>, protocol: string): void {
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: ${protocol}\r\n\r\n`,
  )
}

/** metav1.StatusReason, by which kubectl begins its own message. */
const REASONS: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
}

/**
 * A Status, and no plain text: kubectl takes any text with a colon in it for YAML, and then shows nothing of it.
 * @param why for the person at kubectl
 */
export function refuseUpgrade({ socket }: Pick<Upgraded, 'socket'>, status: number, why: string): void {
  const reason = REASONS[status]
  const told = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message: why, reason, code: status }
  const body = `${JSON.stringify(told)}\n`
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  )
}
