import { createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject } from 'node:crypto'

/** The point has so few multiples that the secret is no secret. */
export class LowOrderPoint extends Error {
  override readonly name = 'LowOrderPoint'
}

/** A private key of X25519 (RFC 7748), inside a closure. */
export interface X25519Key {
  readonly publicKey: Buffer
  /** The secret that is shared with the owner of a point. @throws LowOrderPoint */
  agree(point: X25519Point): Buffer
}

/**
 * The 32 bytes of a public key in the form of OpenSSL. Importing takes two thirds of the time of using, so a key that
 * is used again is imported only once.
 */
export type X25519Point = KeyObject

/**
 * A private key in the form of OpenSSL. It is imported as JWK, which we measured as 6 to 14 times faster than DER, and
 * as a tenth of the time in JavaScript.
 * @param scalar 32 bytes
 */
export function x25519Key(scalar: Uint8Array): X25519Key {
  // a JWK must have an x; OpenSSL computes its own from d
  return keyOf(createPrivateKey({ format: 'jwk', key: { kty: 'OKP', crv: 'X25519', d: base64url(scalar), x: '' } }))
}

/** A new key, for one use. If OpenSSL makes it, it costs half of importing a random scalar. */
export function ephemeralX25519Key(): X25519Key {
  return keyOf(generateKeyPairSync('x25519').privateKey)
}

/**
 * A string, because node tries other inputs as each kind of key and throws for each wrong one. PEM takes a third of
 * JWK's time, DER more than that.
 */
export function x25519Point(bytes: Uint8Array): X25519Point {
  return createPublicKey(
    `-----BEGIN PUBLIC KEY-----\n${SPKI}${Buffer.from(bytes).toString('base64')}\n-----END PUBLIC KEY-----\n`,
  )
}

/**
 * The text before the 32 bytes in an X25519 SubjectPublicKeyInfo (RFC 8410 section 4): twelve bytes, which are sixteen
 * characters of base64.
 */
const SPKI = 'MCowBQYDK2VuAyEA'

function keyOf(privateKey: KeyObject): X25519Key {
  return {
    // only some of the callers need it
    get publicKey() {
      return Buffer.from(privateKey.export({ format: 'jwk' }).x ?? '', 'base64url')
    },
    agree(publicKey) {
      try {
        return diffieHellman({ privateKey, publicKey })
      } catch {
        // OpenSSL has only one reason with keys of 32 bytes: an all-zero result (RFC 7748 section 6.1)
        throw new LowOrderPoint('a point of low order')
      }
    },
  }
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url')
}
