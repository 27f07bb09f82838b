import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import type { KeelError } from '../../errors.ts'
import type { Ca } from './self-signed-ca.ts'

/** Makes the error for a CA that is wrong. */
export type BadCa = (found: string, why?: string) => KeelError

/** @returns at least one certificate. @throws what `bad` makes */
export function readCertificates(pem: Uint8Array, bad: BadCa): readonly X509Certificate[] {
  const blocks =
    Buffer.from(pem)
      .toString('latin1')
      .match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []
  try {
    const certificates = blocks.map((block) => new X509Certificate(block))
    if (certificates.length > 0) return certificates
  } catch {
    throw bad('a damaged certificate')
  }
  throw bad('no certificate')
}

/** Refuses a key and a certificate that do not belong together. @throws what `bad` makes */
export function verifyPair({ certificate, key }: Ca, bad: BadCa, whyOther?: string): void {
  const [first] = readCertificates(Buffer.from(certificate), bad)
  if (first?.ca !== true) throw bad('a certificate that is not a CA')
  if (!first.checkPrivateKey(readKey(key, bad))) throw bad('a certificate of another key', whyOther)
}

function readKey(pem: string, bad: BadCa): KeyObject {
  try {
    return createPrivateKey(pem)
  } catch {
    throw bad('a CA key that is not a private key')
  }
}
