import { constants } from 'node:crypto'
import type { SecureContextOptions } from 'node:tls'
import type { Credential } from '../identity/credential.ts'

/** Who a server is, and whom it believes. */
export interface TlsIdentity {
  readonly serving?: { readonly credential: Pick<Credential, 'chain' | 'key'> }
  /** The CA of the clients (PEM). Absent: nobody can be let in. */
  readonly clientCa?: string
}

/**
 * Who the agent is and whom it believes, as TLS has it. Without a certificate of its own or a CA for its clients, every
 * handshake fails.
 */
export function tlsOptions({ serving, clientCa }: TlsIdentity): SecureContextOptions {
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

/** Whether both are the same for TLS. */
export function isSameIdentity(one: TlsIdentity, other: TlsIdentity): boolean {
  const [a, b] = [one.serving?.credential, other.serving?.credential]
  return one.clientCa === other.clientCa && a?.chain === b?.chain && a?.key === b?.key
}
