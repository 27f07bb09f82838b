import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'

/** What is left of a request that asks for another protocol: nothing has answered it yet. */
export interface Upgraded {
  readonly socket: Duplex
  /** What came with it. */
  readonly head: Buffer
  /** The protocol that the client wants; empty where it wants none. */
  readonly wanted: string
  /** The header lines `X-Stream-Protocol-Version`. */
  readonly offered: readonly string[]
}

/** Changes to SPDY/3.1 (the API server and kubectl, k8s.io/apimachinery, httpstream/spdy). */
export function acceptUpgrade({ socket }: Upgraded, protocol: string): void {
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: ${protocol}\r\n\r\n`,
  )
}

/** @param why for the person at kubectl */
export function refuseUpgrade({ socket }: Pick<Upgraded, 'socket'>, status: number, why: string): void {
  const body = `${why}\n`
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  )
}
