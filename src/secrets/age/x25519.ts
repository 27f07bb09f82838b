import { createPrivateKey, createPublicKey, diffieHellman, randomBytes } from 'node:crypto'

/** The point has so few multiples that everybody knows the secret. */
export class LowOrderPoint extends Error {
  override readonly name = 'LowOrderPoint'
}

/** A private key of X25519 (RFC 7748), hidden in a closure. */
export interface X25519Key {
  readonly publicKey: Buffer
  /** The secret shared with the holder of `point`. @throws LowOrderPoint */
  agree(point: Uint8Array): Buffer
}

/**
 * A key of OpenSSL's. It is imported as JWK, measured 6 to 14 times faster than DER, and a tenth of the time in JavaScript; importing costs more
 * than using, so a key is made once.
 * @param scalar 32 bytes; without it a new key
 */
export function x25519Key(scalar: Uint8Array = randomBytes(32)): X25519Key {
  // a JWK must have an x; OpenSSL computes its own from d
  const privateKey = createPrivateKey({ format: 'jwk', key: { kty: 'OKP', crv: 'X25519', d: base64url(scalar), x: '' } })
  return {
    // asked for by half of those who agree
    get publicKey() {
      return Buffer.from(createPublicKey(privateKey).export({ format: 'jwk' }).x ?? '', 'base64url')
    },
    agree(point) {
      const publicKey = createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'X25519', x: base64url(point) } })
      try {
        return diffieHellman({ privateKey, publicKey })
      } catch {
        // the one reason that OpenSSL has with keys of 32 bytes: an all-zero result (RFC 7748 section 6.1)
        throw new LowOrderPoint('a point of low order')
      }
    },
  }
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url')
}
