import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { hkdf } from './file-key.ts'

/** C2SP age specification, "Payload": a nonce, then STREAM, chunks of 64 KiB each sealed by ChaCha20-Poly1305, the last one marked as such. */
const LABEL = 'payload'
const NONCE_LENGTH = 16
const CHUNK_LENGTH = 64 * 1024
const TAG_LENGTH = 16
const SEALED_LENGTH = CHUNK_LENGTH + TAG_LENGTH
const AEAD = 'chacha20-poly1305'

/** Nonce and chunks of the value; of an empty one a single empty chunk. */
export function sealPayload(fileKey: Uint8Array, value: Uint8Array): Buffer {
  const nonce = randomBytes(NONCE_LENGTH)
  const key = hkdf(fileKey, nonce, LABEL)
  const last = Math.max(0, Math.ceil(value.length / CHUNK_LENGTH) - 1)
  const sealed = [nonce]
  for (let index = 0; index <= last; index++) {
    const cipher = createCipheriv(AEAD, key, chunkNonce(index, index === last), { authTagLength: TAG_LENGTH })
    const chunk = value.subarray(index * CHUNK_LENGTH, (index + 1) * CHUNK_LENGTH)
    sealed.push(cipher.update(chunk), cipher.final(), cipher.getAuthTag())
  }
  return Buffer.concat(sealed)
}

/** The value, or undefined when the payload was sealed with another key, changed or cut off. */
export function openPayload(fileKey: Uint8Array, payload: Uint8Array): Buffer | undefined {
  const key = hkdf(fileKey, payload.subarray(0, NONCE_LENGTH), LABEL)
  const chunks = payload.subarray(NONCE_LENGTH)
  const last = Math.max(0, Math.ceil(chunks.length / SEALED_LENGTH) - 1)
  const opened: Buffer[] = []
  for (let index = 0; index <= last; index++) {
    const sealed = chunks.subarray(index * SEALED_LENGTH, (index + 1) * SEALED_LENGTH)
    // an empty chunk stands alone or not at all: there is one way to seal a value
    if (sealed.length < TAG_LENGTH + (index === 0 ? 0 : 1)) return undefined
    const decipher = createDecipheriv(AEAD, key, chunkNonce(index, index === last), { authTagLength: TAG_LENGTH })
    decipher.setAuthTag(sealed.subarray(-TAG_LENGTH))
    try {
      opened.push(decipher.update(sealed.subarray(0, -TAG_LENGTH)), decipher.final())
    } catch {
      return undefined
    }
  }
  return Buffer.concat(opened)
}

/** The chunk's number in 11 bytes, of which a value in memory needs six, and 1 behind it for the last. */
function chunkNonce(index: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12)
  nonce.writeUIntBE(index, 5, 6)
  nonce[11] = isLast ? 1 : 0
  return nonce
}
