import { once } from 'node:events'
import { createServer, type Server } from 'node:https'
import { type Fault, KeelError, systemCode } from '../../errors.ts'
import type { Log } from '../log.ts'
import { boundHandshakes } from './handshakes.ts'
import { isSameIdentity, type TlsIdentity, tlsOptions } from './tls-options.ts'

/** Times in milliseconds. */
interface ServerLimits {
  readonly connections: number
  readonly handshakes: number
  readonly handshakeTime: number
  readonly headersTime: number
  readonly requestTime: number
  readonly idleTime: number
  readonly checkEvery: number
  readonly headerBytes: number
}

interface Wanted {
  readonly identity: TlsIdentity
  readonly limits: ServerLimits
  /** Connections without a certificate of the CA of the clients get in. */
  readonly letsStrangersIn: boolean
  readonly log: Log
}

export interface BoundedServer {
  readonly server: Server
  /**
   * Serves new connections with what the identity is now. With another CA of the clients, all connections end, because
   * somebody whom it does not know may be connected.
   * @returns whether they have ended: the server does not know those that were upgraded
   */
  renew(identity: TlsIdentity): boolean
  /** Ends all connections, also those that have sent nothing. */
  closeConnections(): void
}

/** HTTPS with TLS 1.3, whose clients can neither keep it from each other nor take the host's memory. */
export function boundedServer({ identity, limits, letsStrangersIn, log }: Wanted): BoundedServer {
  const server = createServer({
    ...tlsOptions(identity),
    requestCert: true,
    rejectUnauthorized: !letsStrangersIn,
    handshakeTimeout: limits.handshakeTime,
    headersTimeout: limits.headersTime,
    requestTimeout: limits.requestTime,
    connectionsCheckingInterval: limits.checkEvery,
    keepAliveTimeout: limits.idleTime,
    maxHeaderSize: limits.headerBytes,
  })
  server.maxConnections = limits.connections
  server.timeout = limits.idleTime
  const closeHandshakes = boundHandshakes(server, limits.handshakes)
  server.on('tlsClientError', (error) => log.debug(`refused a connection (${systemCode(error)})`))
  const closeConnections = () => {
    server.closeAllConnections()
    closeHandshakes()
  }
  let served = identity
  return {
    server,
    renew(now) {
      if (isSameIdentity(served, now)) return false
      server.setSecureContext(tlsOptions(now))
      const isOtherCa = now.clientCa !== served.clientCa
      if (isOtherCa) closeConnections()
      served = now
      return isOtherCa
    },
    closeConnections,
  }
}

/** @throws KeelError that `fault` makes of the reason, where the port can't be had */
export async function listen(server: Server, port: number, fault: (reason: string) => Fault): Promise<void> {
  server.listen(port)
  await once(server, 'listening').catch((error: unknown) => {
    throw new KeelError(fault(systemCode(error)))
  })
}
