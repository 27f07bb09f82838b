import { createHmac } from 'node:crypto'
import { MLKEM768X25519 } from '@noble/post-quantum/hybrid.js'
import { bech32 } from '@scure/base'
import type { Identity, Recipient } from 'age-encryption'
import { open, seal, WRAPPED_LENGTH } from './file-key.ts'
import { NotHybrid } from './not-hybrid.ts'
import { BadStanza, decodeBase64, encodeBase64, stanza } from './stanza.ts'

/**
 * Post-quantum hybrid keys (C2SP age specification, "The hybrid post-quantum recipient type"): HPKE in base mode with
 * ML-KEM-768 + X25519. Like those of X25519, its stanzas name no reader. This file is loaded only for users of such
 * keys, because the curves and lattices take 15 ms.
 */
const TYPE = 'mlkem768x25519'
const LABEL = 'age-encryption.org/mlkem768x25519'
const SHARE_LENGTH = 1120
/** FIPS 203's modulus. */
const Q = 3329
/** RFC 9180 section 7: KEM MLKEM768-X25519 (0x647a), KDF HKDF-SHA256 (1), AEAD ChaCha20-Poly1305 (3). */
const SUITE = Buffer.concat([Buffer.from('HPKE'), Uint8Array.of(0x64, 0x7a, 0, 1, 0, 3)])

/**
 * @param theirs the 1216 bytes in an `age1pq1…` recipient
 * @throws NotHybrid when it is used
 */
export function hybridRecipient(theirs: Uint8Array): Recipient {
  return {
    wrapFileKey(fileKey) {
      const { cipherText, sharedSecret } = encapsulate(theirs)
      const { key, nonce } = context(sharedSecret)
      return [stanza([TYPE, encodeBase64(cipherText)], seal(key, fileKey, nonce))]
    },
  }
}

/** @param seed the 32 bytes in an `AGE-SECRET-KEY-PQ-1…` */
export function hybridIdentity(seed: Uint8Array): Identity {
  return {
    unwrapFileKey(stanzas) {
      for (const { args, body } of stanzas) {
        if (args[0] !== TYPE) continue
        const share = args.length === 2 ? decodeBase64(args[1] ?? '') : undefined
        if (share?.length !== SHARE_LENGTH || body.length !== WRAPPED_LENGTH)
          throw new BadStanza('an mlkem768x25519 stanza has a share of 1120 bytes and a body of 32 bytes')
        const { key, nonce } = context(decapsulate(share, seed))
        const fileKey = open(key, body, nonce)
        if (fileKey !== null) return fileKey
      }
      return null
    },
  }
}

/** If all lengths are right, the library throws only for bytes that are not a key, without saying so. */
function encapsulate(theirs: Uint8Array): ReturnType<typeof MLKEM768X25519.encapsulate> {
  if (!isReduced(theirs)) throw new NotHybrid('no post-quantum hybrid key')
  try {
    return MLKEM768X25519.encapsulate(theirs)
  } catch {
    throw new NotHybrid('no post-quantum hybrid key')
  }
}

/**
 * FIPS 203 section 7.2, "Modulus check": every number of the ML-KEM half, two in three bytes, is below q. The library
 * (0.5.4) has this check, but it never fails: its decoder of 12 bits does not reduce.
 */
function isReduced(theirs: Uint8Array): boolean {
  for (let at = 0; at < 3 * 384; at += 3) {
    const [first = 0, second = 0, third = 0] = theirs.subarray(at, at + 3)
    if ((first | ((second & 15) << 8)) >= Q || ((second >> 4) | (third << 4)) >= Q) return false
  }
  return true
}

function decapsulate(share: Uint8Array, seed: Uint8Array): Uint8Array {
  try {
    return MLKEM768X25519.decapsulate(share, seed)
  } catch {
    throw new BadStanza('an mlkem768x25519 share that no key gives')
  }
}

/** The recipient for the seed of an identity: `age1pq1…`, which is longer than bech32 allows elsewhere. */
export function hybridRecipientText(seed: Uint8Array): string {
  return bech32.encode('age1pq', bech32.toWords(MLKEM768X25519.getPublicKey(seed)), false)
}

/** RFC 9180 section 5.1: KeySchedule in base mode, with age's label for `info`. */
function context(sharedSecret: Uint8Array): { readonly key: Uint8Array; readonly nonce: Uint8Array } {
  const none = new Uint8Array()
  const schedule = Buffer.concat([
    Uint8Array.of(0),
    extract(none, 'psk_id_hash', none),
    extract(none, 'info_hash', Buffer.from(LABEL)),
  ])
  const secret = extract(sharedSecret, 'secret', none)
  return { key: expand(secret, 'key', schedule, 32), nonce: expand(secret, 'base_nonce', schedule, 12) }
}

/** RFC 9180 section 4: LabeledExtract. */
function extract(salt: Uint8Array, label: string, material: Uint8Array): Uint8Array {
  return createHmac('sha256', salt).update('HPKE-v1').update(SUITE).update(label).update(material).digest()
}

/** RFC 9180 section 4: LabeledExpand, to one block of HKDF at most. */
function expand(secret: Uint8Array, label: string, info: Uint8Array, length: number): Uint8Array {
  const head = Uint8Array.of(length >> 8, length & 0xff)
  const block = createHmac('sha256', secret)
    .update(head)
    .update('HPKE-v1')
    .update(SUITE)
    .update(label)
    .update(info)
    .update(Uint8Array.of(1))
  return block.digest().subarray(0, length)
}
