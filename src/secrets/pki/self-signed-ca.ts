import { generateKeyPairSync, type KeyObject, randomBytes, X509Certificate } from 'node:crypto'
import { der } from '../../model/keys/der.ts'
import { ECDSA_WITH_SHA256, nameOf, signedDer } from '../../model/keys/signed-der.ts'
import { basicConstraints, keyUsage, type Usage } from './extensions.ts'
import { subjectKeyIdentifier } from './key-identifier.ts'

/** A CA: its certificate and the key that signs. */
export interface Ca {
  /** One self-signed certificate in PEM that ends with one newline. */
  readonly certificate: string
  /** SEC1 PEM (`EC PRIVATE KEY`), as k3s writes it. Secret. */
  readonly key: string
}

interface Wanted {
  readonly commonName: string
  readonly usages: readonly Usage[]
  /** How many CAs may come between it and a certificate. Absent: any number. */
  readonly pathLength?: number
}

const DAY = 24 * 60 * 60 * 1000
const VALID_DAYS = 3650

/**
 * A new CA on P-256 for ten years.
 * @param now in milliseconds
 */
export function selfSignedCa(wanted: Wanted, now: number): Ca {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return {
    certificate: new X509Certificate(signedDer(toBeSigned(wanted, publicKey, now), privateKey)).toString(),
    key: privateKey.export({ format: 'pem', type: 'sec1' }).toString(),
  }
}

function toBeSigned({ commonName, usages, pathLength }: Wanted, publicKey: KeyObject, now: number): Uint8Array {
  const name = nameOf(['CN', commonName])
  return der.sequence(
    version3,
    serialNumber(),
    ECDSA_WITH_SHA256,
    name,
    // a day earlier, so that a machine with a slow clock accepts the CA of its own cluster
    der.sequence(der.time(now - DAY), der.time(now + VALID_DAYS * DAY)),
    name,
    publicKey.export({ format: 'der', type: 'spki' }),
    der.tagged(
      3,
      der.sequence(basicConstraints({ isCa: true, pathLength }), keyUsage(usages), subjectKeyIdentifier(publicKey)),
    ),
  )
}

export const version3 = der.tagged(0, der.integer(Uint8Array.of(2)))

/** RFC 5280 section 4.1.2.2: it is positive and has at most 20 bytes. */
export function serialNumber(): Uint8Array {
  return der.integer(Uint8Array.of(1, ...randomBytes(15)))
}
