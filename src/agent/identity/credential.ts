import { createPrivateKey, type KeyObject, type X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { readCertificate } from '../../model/keys/read-certificate.ts'

/** A certificate with its key. */
export interface Credential {
  /** The first certificate, which is the agent's own, and those that issued it (PEM). */
  readonly chain: string
  /** PEM. Secret. */
  readonly key: string
  /** Of the agent's own certificate. */
  readonly certificate: X509Certificate
}

export type Unusable = 'missing' | 'damaged' | 'of another key' | 'not valid yet' | 'expired'

/**
 * What two files contain, if the agent can serve with it at a time.
 * @param now milliseconds
 */
export function credentialOf(chain: string | undefined, key: string | undefined, now: number): Credential | Unusable {
  return credentialAt(parsedCredential(chain, key), now)
}

/** The same at any time: reading certificates and keys takes longer than all else that a look does. */
export function parsedCredential(chain: string | undefined, key: string | undefined): Credential | Unusable {
  if (chain === undefined || key === undefined) return 'missing'
  const certificate = readCertificate(chain)
  const privateKey = keyOf(key)
  if (certificate === undefined || privateKey === undefined) return 'damaged'
  if (!certificate.checkPrivateKey(privateKey)) return 'of another key'
  return isTakenByTls(chain, key) ? { chain, key, certificate } : 'damaged'
}

export function credentialAt(found: Credential | Unusable, now: number): Credential | Unusable {
  if (typeof found === 'string') return found
  const { validFromDate, validToDate } = found.certificate
  if (now < validFromDate.getTime()) return 'not valid yet'
  return now < validToDate.getTime() ? found : 'expired'
}

/** TLS reads the whole chain, and node throws for one that it can't read. */
function isTakenByTls(cert: string, key: string): boolean {
  try {
    createSecureContext({ cert, key })
    return true
  } catch {
    return false
  }
}

function keyOf(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem)
  } catch {
    return undefined
  }
}
