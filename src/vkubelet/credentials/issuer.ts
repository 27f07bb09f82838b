import type { Credential } from '../../agent/identity/credential.ts'
import type { CertificateRequest } from '../../agent/operational/certificate-request.ts'

/** A certificate with its key that this Node has already. */
export type Own = Pick<Credential, 'chain' | 'key'>

/**
 * Who gives a Node its certificates: each distribution has its own way. Each function throws ApiError where there is none,
 * and gives PEM.
 */
export interface Issuer {
  /** The API server to ask now. */
  server(): Promise<URL>
  /** The CA of the API server. */
  serverCa(): Promise<string>
  /** To be `system:node:NAME`. @param own a certificate that is valid still; absent: this Node joins */
  client(request: CertificateRequest, own: Own | undefined): Promise<string>
  /** A certificate to be this Node is on the disk: what was for the join alone can go. Called after each start, too. */
  joined?(): Promise<void>
  /** To serve with. */
  serving(request: CertificateRequest, own: Own): Promise<string>
  /** The CA of those who may ask this Node: the API server is one of them. */
  clientCa(own: Own): Promise<string>
  /** What the certificate to serve with has as its subject, as node writes it. */
  readonly servingSubject: string
}
