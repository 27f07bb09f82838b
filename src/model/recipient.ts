import { bech32 } from '@scure/base'
import { ExitCode, KeelError } from '../errors.ts'
import type { Recipient } from './brands.ts'
import { parseSshPublicKey } from './ssh-key.ts'

/**
 * Whom a file can be encrypted to: an SSH public key, or a native recipient `age1…` as `age-keygen` prints it.
 * @throws KeelError `ssh-key` or `recipient` (exit 2), never repeating the text of a private key.
 */
export function parseRecipient(text: string): Recipient {
  const line = text.trim()
  if (!/^age1/i.test(line)) return parseSshPublicKey(line)
  ageRecipientBytes(line)
  return line as Recipient
}

/** Is it a native `age1…` recipient? The others are SSH keys. */
export function isAgeRecipient(recipient: Recipient): boolean {
  return recipient.startsWith('age1')
}

/**
 * The 32 bytes of the X25519 public key in an `age1…` recipient (C2SP age, "The X25519 recipient type").
 * @throws KeelError `recipient` (exit 2).
 */
export function ageRecipientBytes(text: string): Uint8Array {
  if (/^age1pq1/i.test(text))
    throw refused('a post-quantum recipient', 'keel does not encrypt to them yet', 'use an ssh-ed25519 key or an age1 recipient')
  // the data part of bech32 has no 1 (BIP 173), a plugin's recipient has a second separator: age1yubikey1…
  if (text.includes('1', 'age1'.length)) {
    throw refused(
      'the recipient of an age plugin',
      'no host can decrypt with a plugin, and keel runs none',
      'use an ssh-ed25519 key or an age1 recipient',
    )
  }
  const decoded = bech32.decodeUnsafe(text, 90)
  const bytes = decoded && bech32.fromWordsUnsafe(decoded.words)
  if (!decoded || !bytes || decoded.prefix !== 'age' || text !== text.toLowerCase()) {
    throw refused('an age1 recipient with a typing error', 'its checksum does not fit')
  }
  if (bytes.length !== 32) throw refused(`an age1 recipient of ${bytes.length} bytes`, 'an X25519 key has 32')
  return bytes
}

function refused(found: string, why: string, todo = 'copy it anew: `age-keygen -y FILE` prints it'): KeelError {
  return new KeelError({ code: 'recipient', found, why, todo, exit: ExitCode.Usage })
}
