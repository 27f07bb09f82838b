import { type ScryptOptions, scrypt } from 'node:crypto'
import { promisify } from 'node:util'
import type { Identity } from 'age-encryption'
import { open, WRAPPED_LENGTH } from './file-key.ts'
import { BadStanza, decodeBase64, type Stanza } from './stanza.ts'

/**
 * Passphrases (C2SP age specification, "The scrypt recipient type"). keel reads such files, for private keys, but never
 * writes them.
 */
const TYPE = 'scrypt'
const LABEL = 'age-encryption.org/v1/scrypt'
const SALT_LENGTH = 16
/**
 * `age -p` uses 18. With 20 it takes seconds and a gigabyte (128 · N · r bytes). A file of somebody else must not cost
 * more.
 */
const MOST_WORK = 20
const BLOCK = 8

const derive = promisify<string, Uint8Array, number, ScryptOptions, Buffer>(scrypt)

export function isScrypt({ args }: Stanza): boolean {
  return args[0] === TYPE
}

export function scryptIdentity(passphrase: string): Identity {
  return {
    async unwrapFileKey(stanzas) {
      const mine = stanzas.find(isScrypt)
      if (mine === undefined) return null
      if (stanzas.length > 1) throw new BadStanza('a scrypt stanza must be the only one')
      const { salt, work } = readArguments(mine)
      const N = 2 ** work
      const options = { N, r: BLOCK, p: 1, maxmem: 128 * BLOCK * (N + 16) }
      const wrapKey = await derive(passphrase, Buffer.concat([Buffer.from(LABEL), salt]), 32, options)
      return open(wrapKey, mine.body)
    },
  }
}

function readArguments({ args, body }: Stanza): { readonly salt: Buffer; readonly work: number } {
  const [, salt = '', work = ''] = args
  const bytes = decodeBase64(salt)
  if (args.length !== 3 || bytes?.length !== SALT_LENGTH || !/^[1-9]\d?$/.test(work) || body.length !== WRAPPED_LENGTH)
    throw new BadStanza('a scrypt stanza has a salt of 16 bytes, a work factor and a body of 32 bytes')
  if (Number(work) > MOST_WORK) throw new BadStanza(`a scrypt work factor above ${MOST_WORK}`)
  return { salt: bytes, work: Number(work) }
}
