import {
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  X509Certificate,
} from 'node:crypto'
import { ExitCode, KeelError } from '../../errors.ts'
import type { Sha256 } from '../../model/brands.ts'
import { sha256 } from '../../model/digest.ts'
import { der } from '../../model/keys/der.ts'
import { ECDSA_WITH_SHA256, nameOf, signedDer } from '../../model/keys/signed-der.ts'
import { CA_CERTIFICATE_FILE } from './ca-certificate-file.ts'

export interface ServerCa {
  /** One self-signed certificate in PEM that ends with one newline. k3s hashes exactly these bytes. */
  readonly certificate: string
  /** SEC1 PEM (`EC PRIVATE KEY`), as k3s writes it. Secret. */
  readonly key: string
}

const DAY = 24 * 60 * 60 * 1000
const VALID_DAYS = 3650

/**
 * The CA that signs the servers of a cluster, in the form of k3s's own: P-256, CN k3s-server-ca@<unix>, 10 years.
 * @param now in milliseconds
 */
export function makeServerCa(now: number): ServerCa {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return {
    certificate: new X509Certificate(signedDer(toBeSigned(publicKey, now), privateKey)).toString(),
    key: privateKey.export({ format: 'pem', type: 'sec1' }).toString(),
  }
}

/** RFC 5280 section 4.1.2.2: the serial number is positive and has at most 20 bytes. */
function toBeSigned(publicKey: KeyObject, now: number): Uint8Array {
  const name = nameOf(['CN', `k3s-server-ca@${Math.floor(now / 1000)}`])
  const version3 = der.tagged(0, der.integer(Uint8Array.of(2)))
  return der.sequence(
    version3,
    der.integer(Uint8Array.of(1, ...randomBytes(15))),
    ECDSA_WITH_SHA256,
    name,
    // a day earlier, so that a machine with a slow clock accepts the CA of its own cluster
    der.sequence(der.time(now - DAY), der.time(now + VALID_DAYS * DAY)),
    name,
    publicKey.export({ format: 'der', type: 'spki' }),
    der.tagged(3, der.sequence(basicConstraints, keyUsage, subjectKeyIdentifier(publicKey))),
  )
}

const basicConstraints = der.sequence(der.oid('2.5.29.19'), der.true(), der.octets(der.sequence(der.true())))
/** digitalSignature, keyEncipherment and keyCertSign are bits 0, 2 and 5. */
const keyUsage = der.sequence(der.oid('2.5.29.15'), der.true(), der.octets(der.bits(Uint8Array.of(0b1010_0100), 2)))

/**
 * RFC 5280 section 4.2.1.2, method 1: SHA-1 of the bits of the public key, which are the last 65 bytes in the SPKI of a
 * P-256 key.
 */
function subjectKeyIdentifier(publicKey: KeyObject): Uint8Array {
  const point = publicKey.export({ format: 'der', type: 'spki' }).subarray(-65)
  return der.sequence(der.oid('2.5.29.14'), der.octets(der.octets(createHash('sha1').update(point).digest())))
}

/**
 * The hash with which a k3s token names a CA: of the bytes of the file, or for a chain of the root in DER (docs/k3s.md,
 * Tokens).
 * @throws KeelError `server-ca` (exit 2) if the file contains no certificate, or a chain without a root
 */
export function caHash(pem: Uint8Array): Sha256 {
  const certificates = readCertificates(pem)
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
  const given = readCertificates(pem)
  if (given.length > MOST_CERTIFICATES) return false
  const vouched = [...readCertificates(known)]
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
export function verifyCa({ certificate, key }: ServerCa): void {
  const [first] = readCertificates(Buffer.from(certificate))
  if (first === undefined) throw badCa('no certificate')
  if (!first.ca) throw badCa('a certificate that is not a CA')
  if (!first.checkPrivateKey(readKey(key))) {
    throw badCa('a certificate of another key', 'k3s would make another CA, and every token would name the wrong one')
  }
}

function readKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem)
  } catch {
    throw badCa('a CA key that is not a private key')
  }
}

function readCertificates(pem: Uint8Array): readonly X509Certificate[] {
  const blocks =
    Buffer.from(pem)
      .toString('latin1')
      .match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []
  try {
    const certificates = blocks.map((block) => new X509Certificate(block))
    if (certificates.length > 0) return certificates
  } catch {
    throw badCa('a damaged certificate')
  }
  throw badCa('no certificate')
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
