import type { X509Certificate } from 'node:crypto'
import { ExitCode, KeelError } from '../../errors.ts'
import type { Sha256 } from '../../model/brands.ts'
import { sha256 } from '../../model/digest.ts'
import { CA_CERTIFICATE_FILE } from './ca-certificate-file.ts'
import { readCertificates, verifyPair } from './read-ca.ts'
import { type Ca, selfSignedCa } from './self-signed-ca.ts'

/**
 * The CA that signs the servers of a cluster, in the form of k3s's own: P-256, CN k3s-server-ca@<unix>, 10 years. k3s
 * hashes exactly the bytes of its certificate.
 * @param now in milliseconds
 */
export function makeServerCa(now: number): Ca {
  const commonName = `k3s-server-ca@${Math.floor(now / 1000)}`
  return selfSignedCa({ commonName, usages: ['digitalSignature', 'keyEncipherment', 'keyCertSign'] }, now)
}

/**
 * The hash with which a k3s token names a CA: of the bytes of the file, or for a chain of the root in DER (docs/k3s.md,
 * Tokens).
 * @throws KeelError `server-ca` (exit 2) if the file contains no certificate, or a chain without a root
 */
export function caHash(pem: Uint8Array): Sha256 {
  const certificates = readCertificates(pem, badCa)
  if (certificates.length === 1) return sha256(pem)
  const root = certificates.find((certificate) => certificate.checkIssued(certificate))
  if (root === undefined) throw badCa('no self-signed certificate')
  return sha256(root.raw)
}

/** A bundle of k3s has at most a few, also after a rotation; each is compared with each. */
const MOST_CERTIFICATES = 16

/**
 * Whether each certificate of a text is a known one, or a known CA has signed it. The hash of a chain names its root
 * alone, but a program that trusts the text trusts every certificate in it, also another root.
 * @throws KeelError `server-ca` (exit 2) if one of the texts contains no certificate
 */
export function isVouchedFor(pem: Uint8Array, known: Uint8Array): boolean {
  const given = readCertificates(pem, badCa)
  if (given.length > MOST_CERTIFICATES) return false
  const vouched = [...readCertificates(known, badCa)]
  const isVouched = (one: X509Certificate) =>
    vouched.some((by) => by.raw.equals(one.raw) || (by.ca && one.checkIssued(by) && one.verify(by.publicKey)))
  let left = given
  for (let before = Number.POSITIVE_INFINITY; left.length < before; ) {
    before = left.length
    vouched.push(...left.filter(isVouched))
    left = left.filter((one) => !vouched.includes(one))
  }
  return left.length === 0
}

/** Refuses a key and a certificate that do not belong together. @throws KeelError `server-ca` (exit 2) */
export function verifyCa(ca: Ca): void {
  verifyPair(ca, badCa, 'k3s would make another CA, and every token would name the wrong one')
}

function badCa(found: string, why?: string): KeelError {
  return new KeelError({
    code: 'server-ca',
    at: CA_CERTIFICATE_FILE,
    found,
    ...(why === undefined ? {} : { why }),
    todo: 'restore the certificate and its key from git; never edit either',
    exit: ExitCode.Usage,
  })
}
