import { constants } from 'node:crypto'
import type { SecureContextOptions } from 'node:tls'
import type { Identity } from '../identity/kept-identity.ts'

/**
 * Who the agent is and whom it believes, as TLS has it. Without a certificate of its own or a CA for its clients, every
 * handshake fails.
 */
export function tlsOptions({ serving, clientCa }: Identity): SecureContextOptions {
  const isReady = serving !== undefined && clientCa !== undefined
  return {
    minVersion: 'TLSv1.3',
    // a resumed session is not verified again, and a client's certificate is valid for minutes
    secureOptions: constants.SSL_OP_NO_TICKET,
    // none: node would believe every CA of the system
    ca: clientCa ?? [],
    ...(isReady ? { cert: serving.credential.chain, key: serving.credential.key } : {}),
  }
}
