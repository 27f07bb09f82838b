import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { Identity } from 'age-encryption'
import type { Recipient } from '../../model/brands.ts'
import { armored, dearmor } from './armor.ts'
import { BadAgeFile, headerMac, printHeader, readHeader } from './header.ts'
import { openPayload, sealPayload } from './payload.ts'
import { ageRecipient } from './recipient.ts'
import { BadStanza, type Stanza } from './stanza.ts'
import { LowOrderPoint } from './x25519.ts'

/** C2SP age specification, "File keys". */
const FILE_KEY_LENGTH = 16

/**
 * Encrypts a value to everybody in `recipients`, in the order given.
 * @throws KeelError `recipient` (exit 2) for a key that nobody can hold.
 */
export async function encryptFile(
  value: Uint8Array,
  recipients: readonly Recipient[],
  options: { armor: boolean },
): Promise<Uint8Array> {
  const fileKey = randomBytes(FILE_KEY_LENGTH)
  const stanzas: Stanza[] = []
  for (const recipient of recipients) stanzas.push(...(await ageRecipient(recipient).wrapFileKey(fileKey)))
  const file = Buffer.concat([printHeader(stanzas, fileKey), sealPayload(fileKey, value)])
  return options.armor ? armored(file) : file
}

/**
 * Decrypts with the first identity that fits, tried in the order given.
 * @returns the value, or undefined when the file is encrypted to none of them.
 * @throws BadAgeFile when the file was damaged or changed; what an identity throws, if no other fits.
 */
export async function decryptFile(file: Uint8Array, identities: readonly Identity[]): Promise<Uint8Array | undefined> {
  const binary = dearmor(file)
  const { stanzas, covered, mac, length } = readHeader(binary)
  const fileKey = await unwrap(stanzas, identities)
  if (fileKey === undefined) return undefined
  const isWhole = fileKey.length === FILE_KEY_LENGTH && timingSafeEqual(headerMac(fileKey, covered), mac)
  const value = isWhole ? openPayload(fileKey, binary.subarray(length)) : undefined
  if (value === undefined) throw new BadAgeFile('was damaged or changed after it was encrypted')
  return value
}

/** The stanzas of a file, armored or not. @throws BadAgeFile */
export function readStanzas(file: Uint8Array): readonly Stanza[] {
  return readHeader(dearmor(file)).stanzas
}

async function unwrap(stanzas: readonly Stanza[], identities: readonly Identity[]): Promise<Uint8Array | undefined> {
  const failed: unknown[] = []
  for (const identity of identities) {
    try {
      const fileKey = await identity.unwrapFileKey([...stanzas])
      if (fileKey !== null) return fileKey
    } catch (error) {
      if (error instanceof BadStanza) throw new BadAgeFile(`has a damaged header: ${error.message}`)
      if (error instanceof LowOrderPoint) throw new BadAgeFile('has a damaged header: a share of low order')
      // it has something to say to the user (it needs its passphrase); one whose passphrase nobody knows is in the way of no other that fits
      failed.push(error)
    }
  }
  if (failed.length > 0) throw failed[0]
  return undefined
}
