import { type KeyObject, sign } from 'node:crypto'
import { der } from './der.ts'

/** RFC 5758 section 3.2. */
export const ECDSA_WITH_SHA256 = der.sequence(der.oid('1.2.840.10045.4.3.2'))

const ATTRIBUTES = { CN: '2.5.4.3', O: '2.5.4.10' } as const

export type NameAttribute = readonly [type: keyof typeof ATTRIBUTES, value: string]

/** A distinguished name (RFC 5280 section 4.1.2.4). */
export function nameOf(...attributes: readonly NameAttribute[]): Uint8Array {
  return der.sequence(
    ...attributes.map(([type, value]) => der.set(der.sequence(der.oid(ATTRIBUTES[type]), der.utf8(value)))),
  )
}

/**
 * What is to be signed, with its signature: a certificate (RFC 5280 section 4.1), or the request for one (RFC 2986).
 * @param key on P-256
 */
export function signedDer(unsigned: Uint8Array, key: KeyObject): Buffer {
  const signature = sign('sha256', unsigned, { key, dsaEncoding: 'der' })
  return Buffer.from(der.sequence(unsigned, ECDSA_WITH_SHA256, der.bits(signature)))
}
