import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync } from 'node:crypto'

/** A file key of 16 bytes and Poly1305's tag: the body of every stanza that keel writes, except for RSA. */
export const WRAPPED_LENGTH = 32
const TAG_LENGTH = 16
/** Zero, because a wrap key is used once (C2SP age, "The X25519 recipient type"). */
const NONCE = new Uint8Array(12)

/*
 * Keys are passed as node's own objects. For bytes, node tries each kind of key and throws for each wrong one, which
 * took a fifth of the time of encrypting to a recipient.
 */

/** HKDF-SHA-256 to 32 bytes. */
export function hkdf(secret: Uint8Array, salt: Uint8Array, info: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', createSecretKey(secret), salt, info, 32))
}

/** Encrypts a file key with a wrap key: ChaCha20-Poly1305. */
export function seal(wrapKey: Uint8Array, fileKey: Uint8Array, nonce: Uint8Array = NONCE): Uint8Array {
  const cipher = createCipheriv('chacha20-poly1305', createSecretKey(wrapKey), nonce, { authTagLength: TAG_LENGTH })
  return Buffer.concat([cipher.update(fileKey), cipher.final(), cipher.getAuthTag()])
}

/** The file key, or null if the body was sealed with another key or was changed. */
export function open(wrapKey: Uint8Array, body: Uint8Array, nonce: Uint8Array = NONCE): Uint8Array | null {
  if (body.length !== WRAPPED_LENGTH) return null
  const decipher = createDecipheriv('chacha20-poly1305', createSecretKey(wrapKey), nonce, { authTagLength: TAG_LENGTH })
  decipher.setAuthTag(body.subarray(-TAG_LENGTH))
  try {
    return Buffer.concat([decipher.update(body.subarray(0, -TAG_LENGTH)), decipher.final()])
  } catch {
    return null
  }
}
