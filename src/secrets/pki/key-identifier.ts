import { createHash, type KeyObject } from 'node:crypto'
import { der } from '../../model/keys/der.ts'
import { extension } from '../../model/keys/extension.ts'

export function subjectKeyIdentifier(publicKey: KeyObject): Uint8Array {
  return extension('2.5.29.14', der.octets(identifierOf(publicKey)))
}

/**
 * RFC 5280 section 4.2.1.2, method 1: SHA-1 of the bits of the public key, which are the last 65 bytes in the SPKI of a
 * P-256 key.
 */
export function identifierOf(publicKey: KeyObject): Uint8Array {
  const point = publicKey.export({ format: 'der', type: 'spki' }).subarray(-65)
  return createHash('sha1').update(point).digest()
}
