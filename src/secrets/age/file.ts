import { armor, Decrypter, Encrypter, type Identity } from 'age-encryption'
import type { Recipient } from '../../model/brands.ts'
import { dearmor } from './armor.ts'
import { BadAgeFile, readHeader } from './header.ts'
import { ageRecipient } from './recipient.ts'
import { BadStanza, type Stanza } from './stanza.ts'
import { LowOrderPoint } from './x25519.ts'

/**
 * Encrypts a value to all `recipients`, in the given order.
 * @throws KeelError `recipient` (exit 2) for a key whose private half nobody can have
 */
export async function encryptFile(
  value: Uint8Array,
  recipients: readonly Recipient[],
  options: { armor: boolean },
): Promise<Uint8Array> {
  const encrypter = new Encrypter()
  for (const recipient of recipients) encrypter.addRecipient(await ageRecipient(recipient))
  const file = await bytesOf(await encrypter.encrypt(streamOf(value)))
  return options.armor ? Buffer.from(armor.encode(file)) : file
}

/**
 * Decrypts with the first identity that fits, tried in the given order.
 * @returns the value, or undefined if the file is not encrypted to any of them
 * @throws BadAgeFile if the file was damaged or changed
 */
export async function decryptFile(file: Uint8Array, identities: readonly Identity[]): Promise<Uint8Array | undefined> {
  const binary = dearmor(file)
  readHeader(binary)
  const opened = new FirstFit(identities)
  const decrypter = new Decrypter()
  decrypter.addIdentity(opened)
  try {
    return await bytesOf(await decrypter.decrypt(streamOf(binary)))
  } catch (error) {
    if (error instanceof PassOn) throw error.cause
    if (error instanceof BadStanza) throw new BadAgeFile(`has a damaged header: ${error.message}`)
    if (opened.fits === false) return undefined
    throw new BadAgeFile('was damaged or changed after it was encrypted')
  }
}

/** The stanzas of a file, armored or not. @throws BadAgeFile */
export function readStanzas(file: Uint8Array): readonly Stanza[] {
  return readHeader(dearmor(file))
}

function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(bytes)
      controller.close()
    },
  })
}

/**
 * The library can also return bytes, but it collects them with node's `fetch`, and loading that costs as much as a
 * dozen files.
 */
async function bytesOf(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(chunk)
  const bytes = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0))
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}

/** An identity may have an error for the user (such as a missing passphrase) that is not about the file. */
class PassOn extends Error {
  override readonly name = 'PassOn'
}

/** Remembers whether any identity fitted, so that the caller need not recognise errors by their texts. */
class FirstFit implements Identity {
  readonly #identities: readonly Identity[]
  fits: boolean | undefined

  constructor(identities: readonly Identity[]) {
    this.#identities = identities
  }

  async unwrapFileKey(stanzas: Stanza[]): Promise<Uint8Array | null> {
    let failed: PassOn | undefined
    for (const identity of this.#identities) {
      try {
        const fileKey = await unwrap(identity, stanzas)
        if (fileKey === null) continue
        this.fits = true
        return fileKey
      } catch (error) {
        if (!(error instanceof PassOn)) throw error
        // if an identity can't be unlocked, another one may still fit
        failed ??= error
      }
    }
    if (failed !== undefined) throw failed
    this.fits = false
    return null
  }
}

async function unwrap(identity: Identity, stanzas: Stanza[]): Promise<Uint8Array | null> {
  try {
    return await identity.unwrapFileKey(stanzas)
  } catch (cause) {
    if (cause instanceof BadStanza) throw cause
    if (cause instanceof LowOrderPoint) throw new BadStanza('a share of low order')
    throw new PassOn('an identity failed', { cause })
  }
}
