import { constants, createPublicKey, type KeyObject, privateDecrypt, publicEncrypt } from 'node:crypto'
import type { Identity, Recipient } from 'age-encryption'
import { BadStanza, sshTag, stanza } from './stanza.ts'

/** RSAES-OAEP with SHA-256 and this label (C2SP age specification, "The ssh-rsa recipient type"). */
const TYPE = 'ssh-rsa'
const OAEP = {
  padding: constants.RSA_PKCS1_OAEP_PADDING,
  oaepHash: 'sha256',
  oaepLabel: Buffer.from('age-encryption.org/v1/ssh-rsa'),
} as const
const FILE_KEY_LENGTH = 16

/** @param exponent and modulus as big-endian numbers; a leading zero is allowed */
export function sshRsaRecipient(wire: Uint8Array, exponent: Buffer, modulus: Buffer): Recipient {
  const tag = sshTag(wire)
  const key = createPublicKey({ format: 'jwk', key: { kty: 'RSA', e: jwkNumber(exponent), n: jwkNumber(modulus) } })
  return {
    wrapFileKey: (fileKey) => [stanza([TYPE, tag], publicEncrypt({ key, ...OAEP }, fileKey))],
  }
}

export function sshRsaIdentity(wire: Uint8Array, key: KeyObject): Identity {
  const tag = sshTag(wire)
  return {
    unwrapFileKey(stanzas) {
      // One after the other, like the age program: a malformed stanza is an error until the file is open, for whichever
      // recipient it is.
      for (const { args, body } of stanzas) {
        if (args[0] !== TYPE) continue
        if (args.length !== 2) throw new BadStanza('an ssh-rsa stanza has a tag and nothing else')
        if (args[1] !== tag) continue
        const fileKey = decrypt(key, body)
        if (fileKey?.length !== FILE_KEY_LENGTH) throw new BadStanza('a stanza with our tag does not open')
        return fileKey
      }
      return null
    },
  }
}

function decrypt(key: KeyObject, body: Uint8Array): Uint8Array | undefined {
  try {
    return privateDecrypt({ key, ...OAEP }, body)
  } catch {
    return undefined
  }
}

/** RFC 7518 section 6.3.1: the shortest big-endian form. */
function jwkNumber(bytes: Buffer): string {
  return (bytes[0] === 0 ? bytes.subarray(1) : bytes).toString('base64url')
}
