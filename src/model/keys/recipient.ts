import { bech32 } from '@scure/base'
import { ExitCode, KeelError } from '../../errors.ts'
import type { Recipient } from '../brands.ts'
import { parseSshPublicKey } from './ssh-key.ts'

/**
 * A key to which a file can be encrypted: an SSH public key, or a native recipient `age1…` in the form that
 * `age-keygen` prints.
 * @throws KeelError `ssh-key` or `recipient` (exit 2), which never contains the text of a private key
 */
export function parseRecipient(text: string): Recipient {
  const line = text.trim()
  if (!/^age1/i.test(line)) return parseSshPublicKey(line)
  ageRecipientBytes(line)
  return line as Recipient
}

/** Whether it is a native `age1…` recipient (some of them are post-quantum). The others are SSH keys. */
export function isAgeRecipient(recipient: Recipient): boolean {
  return recipient.startsWith('age1')
}

/** `age1pq1…`: if a file is encrypted to such keys alone, a quantum computer cannot decrypt it either. */
export function isPostQuantum(recipient: string): boolean {
  return recipient.startsWith('age1pq1')
}

/**
 * By the prefix before bech32's last separator: the kind of a recipient's bytes, and their number (C2SP age, "The
 * X25519 recipient type", "The hybrid …").
 */
const KINDS = new Map([
  ['age', { length: 32, what: 'an X25519 key' }],
  ['age1pq', { length: 1216, what: 'a post-quantum hybrid key' }],
])

/**
 * The bytes of the public key in an `age1…` recipient: 32, in `age1pq1…` 1216.
 * @throws KeelError `recipient` (exit 2).
 */
export function ageRecipientBytes(text: string): Uint8Array {
  const decoded = bech32.decodeUnsafe(text, false)
  const kind = KINDS.get(text.slice(0, text.lastIndexOf('1')).toLowerCase())
  if (kind === undefined) {
    if (/^age1tag(pq)?1/i.test(text))
      throw notOurs(
        "a security key's recipient",
        'a host cannot decrypt with a security key, and keel does not use them',
      )
    throw notOurs('the recipient of an age plugin', 'a host cannot decrypt with a plugin, and keel does not run them')
  }
  const bytes = decoded && bech32.fromWordsUnsafe(decoded.words)
  if (!bytes || text !== text.toLowerCase())
    throw refused('an age1 recipient with a typing error', 'its checksum does not fit')
  if (bytes.length !== kind.length)
    throw refused(`an age1 recipient of ${bytes.length} bytes`, `${kind.what} has ${kind.length}`)
  return bytes
}

function notOurs(found: string, why: string): KeelError {
  return refused(found, why, 'use an ssh-ed25519 key or an age1 recipient')
}

function refused(found: string, why: string, todo = 'copy it again: `age-keygen -y FILE` prints it'): KeelError {
  return new KeelError({ code: 'recipient', found, why, todo, exit: ExitCode.Usage })
}
