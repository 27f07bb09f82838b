import { createHash } from 'node:crypto'
import type { Stanza } from 'age-encryption'

export type { Stanza }

/**
 * The part of a header for one recipient: arguments that everybody can read, and a body with the encrypted file key.
 */
export function stanza(args: readonly string[], body: Uint8Array): Stanza {
  return { args: [...args], body }
}

/** The tag with which an SSH stanza names its key (C2SP age, "ssh-ed25519" and "ssh-rsa"). */
export function sshTag(wire: Uint8Array): string {
  return encodeBase64(createHash('sha256').update(wire).digest().subarray(0, 4))
}

/** base64 without padding, as in the headers of age. */
export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replace(/=+$/, '')
}

/** Undefined unless the text is the only valid form of its bytes. */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64')
  return encodeBase64(bytes) === text ? bytes : undefined
}

/** A stanza for a known kind of key that age cannot have written. */
export class BadStanza extends Error {
  override readonly name = 'BadStanza'
}
