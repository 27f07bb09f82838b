import { X509Certificate } from 'node:crypto'

/** @returns the first certificate of a PEM; undefined for a text without one, or with a damaged one */
export function readCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem)
  } catch {
    return undefined
  }
}
