import { createHash, type KeyObject, verify } from 'node:crypto'
import { sshEcdsaKey, sshEcdsaSignature } from './ssh-ecdsa.ts'
import { sshBlob, sshFields } from './ssh-fields.ts'

const MAGIC = 'SSHSIG'
const VERSION = Buffer.from([0, 0, 0, 1])
const HASHES = ['sha256', 'sha512']

/**
 * The key on P-256 that has signed a message with `ssh-keygen -Y sign` (PROTOCOL.sshsig of OpenSSH).
 * @param signature as base64 without armor; it may be anybody's
 * @returns undefined for a signature of another key, message or namespace, or one that is none
 */
export function signerOf(message: string, namespace: string, signature: string): KeyObject | undefined {
  const bytes = Buffer.from(signature, 'base64')
  const head = Buffer.concat([Buffer.from(MAGIC), VERSION])
  if (!bytes.subarray(0, head.length).equals(head)) return undefined
  const [publicKey, signedFor, reserved, hash, signed] = sshFields(bytes.subarray(head.length), 5) ?? []
  if (publicKey === undefined || reserved === undefined || hash === undefined || signed === undefined) return undefined
  if (signedFor?.toString() !== namespace || !HASHES.includes(hash.toString())) return undefined
  const key = sshEcdsaKey(publicKey)
  const numbers = sshEcdsaSignature(signed)
  if (key === undefined || numbers === undefined) return undefined
  const digest = createHash(hash.toString()).update(message).digest()
  const data = Buffer.concat([Buffer.from(MAGIC), sshBlob(signedFor, reserved, hash, digest)])
  return verify('sha256', data, { key, dsaEncoding: 'ieee-p1363' }, numbers) ? key : undefined
}
