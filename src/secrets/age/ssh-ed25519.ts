import { createHash } from 'node:crypto'
import type { Identity, Recipient } from 'age-encryption'
import { hkdf, open, seal, WRAPPED_LENGTH } from './file-key.ts'
import { montgomery } from './montgomery.ts'
import { BadStanza, decodeBase64, encodeBase64, type Stanza, sshTag, stanza } from './stanza.ts'
import { ephemeralX25519Key, type X25519Key, x25519Key, x25519Point } from './x25519.ts'

/** Formulas: C2SP age specification, "The ssh-ed25519 recipient type"; source of truth filippo.io/age/agessh. */
const TYPE = 'ssh-ed25519'
const LABEL = 'age-encryption.org/v1/ssh-ed25519'

/**
 * @param wire the blob of the SSH public key
 * @param point the 32 bytes of the Ed25519 public key in it
 * @throws NotOnCurve or LowOrderPoint if nobody can have a private key for the point
 */
export function sshEd25519Recipient(wire: Uint8Array, point: Uint8Array): Recipient {
  const tag = sshTag(wire)
  const theirs = montgomery(point)
  // age multiplies by the ephemeral key first and by the tweak second; in the other order, the part for the recipient
  // is computed once for all files
  const tweaked = x25519Point(tweakOf(wire).agree(x25519Point(theirs)))
  return {
    wrapFileKey(fileKey) {
      const ephemeral = ephemeralX25519Key()
      const share = ephemeral.publicKey
      const wrapKey = hkdf(ephemeral.agree(tweaked), Buffer.concat([share, theirs]), LABEL)
      return [stanza([TYPE, tag, encodeBase64(share)], seal(wrapKey, fileKey))]
    },
  }
}

/** @param seed the 32 bytes in an OpenSSH private key (RFC 8032's private key) */
export function sshEd25519Identity(wire: Uint8Array, seed: Uint8Array): Identity {
  const tag = sshTag(wire)
  const scalar = x25519Key(createHash('sha512').update(seed).digest().subarray(0, 32))
  const ours = scalar.publicKey
  const tweak = tweakOf(wire)
  return {
    unwrapFileKey(stanzas) {
      // One after the other, like the age program: a malformed stanza is an error until the file is open, for whichever
      // recipient it is.
      for (const { args, body } of stanzas) {
        if (args[0] !== TYPE) continue
        const share = readShare(args)
        if (args[1] !== tag) continue
        const wrapKey = hkdf(
          tweak.agree(x25519Point(scalar.agree(x25519Point(share)))),
          Buffer.concat([share, ours]),
          LABEL,
        )
        const fileKey = body.length === WRAPPED_LENGTH ? open(wrapKey, body) : null
        if (fileKey === null) throw new BadStanza('a stanza with our tag does not open')
        return fileKey
      }
      return null
    },
  }
}

function tweakOf(wire: Uint8Array): X25519Key {
  return x25519Key(hkdf(new Uint8Array(), wire, LABEL))
}

function readShare(args: Stanza['args']): Uint8Array {
  const share = args.length === 3 ? decodeBase64(args[2] ?? '') : undefined
  if (share?.length !== 32) throw new BadStanza('an ssh-ed25519 stanza has a tag and a share of 32 bytes')
  return share
}
