import { X509Certificate } from 'node:crypto'
import { ApiError } from '../../agent/kubernetes/api.ts'

/** Certificates of one answer. */
const MOST = 16
const BLOCK = /-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+-----END CERTIFICATE-----/g

/**
 * The certificates of an answer, and nothing else of it.
 * @returns why it is none. An answer with a key is refused: k3s gives the same key to everybody whose request it can't
 * read, so it is no secret
 */
export function certificatesIn(text: string): { readonly pem: string } | { readonly fault: string } {
  if (/PRIVATE KEY/.test(text)) return { fault: 'with a key that others have as well' }
  const blocks = text.replaceAll('\r\n', '\n').match(BLOCK) ?? []
  if (blocks.length === 0 || blocks.length > MOST) return { fault: 'without a certificate' }
  if (!blocks.every(isReadable)) return { fault: 'with a certificate that is damaged' }
  return { pem: `${blocks.join('\n')}\n` }
}

/**
 * The same of an answer that must have some.
 * @param from who has sent it, for the message @returns PEM @throws ApiError
 */
export function issuedCertificates(answer: string, from: string): string {
  const found = certificatesIn(answer)
  if ('fault' in found) throw new ApiError(`${from} sent an answer ${found.fault}`)
  return found.pem
}

function isReadable(pem: string): boolean {
  try {
    new X509Certificate(pem)
    return true
  } catch {
    return false
  }
}
