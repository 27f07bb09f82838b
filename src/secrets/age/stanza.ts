import { createHash } from 'node:crypto'
import type { Stanza } from 'age-encryption'

export type { Stanza }

/** One recipient's part of a header: arguments that everybody can read, and a body with the encrypted file key. */
export function stanza(args: readonly string[], body: Uint8Array): Stanza {
  return { args: [...args], body }
}

/** The tag by which an SSH stanza names its key (C2SP age, "ssh-ed25519" and "ssh-rsa"). */
export function sshTag(wire: Uint8Array): string {
  return encodeBase64(createHash('sha256').update(wire).digest().subarray(0, 4))
}

/** base64 without padding, as age's headers have it. */
export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replace(/=+$/, '')
}

/** Undefined unless the text is the one way to write its bytes. */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64')
  return encodeBase64(bytes) === text ? bytes : undefined
}

/** A stanza that is meant for a known kind of key and can't be what age wrote. */
export class BadStanza extends Error {
  override readonly name = 'BadStanza'
}
