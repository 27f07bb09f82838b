/** Bytes that no hybrid key has: an X25519 half of low order, or an ML-KEM half with numbers beyond its modulus. */
export class NotHybrid extends Error {
  override readonly name = 'NotHybrid'
}
