import type { Identity, Recipient } from 'age-encryption'
import { hkdf, open, seal, WRAPPED_LENGTH } from './file-key.ts'
import { BadStanza, decodeBase64, encodeBase64, stanza } from './stanza.ts'
import { ephemeralX25519Key, x25519Key, x25519Point } from './x25519.ts'

/**
 * age's own key type (C2SP age specification, "The X25519 recipient type"). Its stanzas name no recipient, so an
 * identity must try every one.
 */
const TYPE = 'X25519'
const LABEL = 'age-encryption.org/v1/X25519'

/** @param theirs the 32 bytes in an `age1…` recipient */
export function nativeRecipient(theirs: Uint8Array): Recipient {
  const point = x25519Point(theirs)
  return {
    wrapFileKey(fileKey) {
      const ephemeral = ephemeralX25519Key()
      const share = ephemeral.publicKey
      const wrapKey = hkdf(ephemeral.agree(point), Buffer.concat([share, theirs]), LABEL)
      return [stanza([TYPE, encodeBase64(share)], seal(wrapKey, fileKey))]
    },
  }
}

/** @param scalar the 32 bytes in an `AGE-SECRET-KEY-1…` */
export function nativeIdentity(scalar: Uint8Array): Identity {
  const key = x25519Key(scalar)
  const ours = key.publicKey
  return {
    unwrapFileKey(stanzas) {
      for (const { args, body } of stanzas) {
        if (args[0] !== TYPE) continue
        const share = args.length === 2 ? decodeBase64(args[1] ?? '') : undefined
        if (share?.length !== 32 || body.length !== WRAPPED_LENGTH)
          throw new BadStanza('an X25519 stanza has a share and a body of 32 bytes')
        const fileKey = open(hkdf(key.agree(x25519Point(share)), Buffer.concat([share, ours]), LABEL), body)
        if (fileKey !== null) return fileKey
      }
      return null
    },
  }
}
