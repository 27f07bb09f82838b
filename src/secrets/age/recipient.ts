import type { Recipient as AgeRecipient } from 'age-encryption'
import { ExitCode, KeelError } from '../../errors.ts'
import type { Recipient } from '../../model/brands.ts'
import { ageRecipientBytes, isPostQuantum } from '../../model/keys/recipient.ts'
import { fingerprint, sshKeyParts } from '../../model/keys/ssh-key.ts'
import { NotOnCurve } from './montgomery.ts'
import { nativeRecipient } from './native.ts'
import { NotHybrid } from './not-hybrid.ts'
import { sshEd25519Recipient } from './ssh-ed25519.ts'
import { sshRsaRecipient } from './ssh-rsa.ts'
import { isSsh } from './stanza-label.ts'
import { LowOrderPoint } from './x25519.ts'

/**
 * A recipient in the form of age-encryption.
 * @throws KeelError `recipient` (exit 2), here or when it is used, for a key to which no private key can belong
 */
export async function ageRecipient(recipient: Recipient): Promise<AgeRecipient> {
  const known = prepared.get(recipient)
  if (known !== undefined) return known
  const wrapper = await checked(recipient, () => unchecked(recipient))
  const wrapping: AgeRecipient = { wrapFileKey: (fileKey) => checked(recipient, () => wrapper.wrapFileKey(fileKey)) }
  prepared.set(recipient, wrapping)
  return wrapping
}

/** Preparing an ed25519 key costs more than encrypting to it, and a rekey uses the same few keys for every file. */
const prepared = new Map<Recipient, AgeRecipient>()

async function unchecked(recipient: Recipient): Promise<AgeRecipient> {
  if (isPostQuantum(recipient)) return (await import('./hybrid.ts')).hybridRecipient(ageRecipientBytes(recipient))
  if (!isSsh(recipient)) return nativeRecipient(ageRecipientBytes(recipient))
  const parts = sshKeyParts(recipient)
  if (parts.kind === 'ssh-rsa') return sshRsaRecipient(parts.wire, parts.exponent, parts.modulus)
  return sshEd25519Recipient(parts.wire, parts.point)
}

async function checked<T>(recipient: Recipient, use: () => T | Promise<T>): Promise<T> {
  try {
    return await use()
  } catch (cause) {
    if (!(cause instanceof NotOnCurve || cause instanceof LowOrderPoint || cause instanceof NotHybrid)) throw cause
    throw new KeelError({
      code: 'recipient',
      found: `the key ${isSsh(recipient) ? fingerprint(recipient) : recipient} is ${cause.message}`,
      why: 'nobody can have its private key',
      todo: 'copy the public key again from its source',
      exit: ExitCode.Usage,
      cause,
    })
  }
}
