import { Encrypter } from 'age-encryption'
import { describe, expect, test } from 'vitest'
import { readStanzas } from '../../../../src/secrets/age/file.ts'
import { scryptIdentity } from '../../../../src/secrets/age/scrypt.ts'
import { BadStanza, encodeBase64, stanza } from '../../../../src/secrets/age/stanza.ts'

const salt = encodeBase64(Buffer.alloc(16, 1))
const other = stanza(['X25519', encodeBase64(Buffer.alloc(32, 1))], new Uint8Array(32))

async function stanzasFor(passphrase: string) {
  const encrypter = new Encrypter()
  encrypter.setPassphrase(passphrase)
  encrypter.setScryptWorkFactor(2)
  return [...readStanzas(await encrypter.encrypt('value'))]
}

describe('a passphrase', () => {
  test('opens what it closed, and nothing else', async () => {
    const stanzas = await stanzasFor('open barley')
    expect(await scryptIdentity('open barley').unwrapFileKey(stanzas)).toHaveLength(16)
    expect(await scryptIdentity('sesame').unwrapFileKey(stanzas)).toBeNull()
    expect(await scryptIdentity('sesame').unwrapFileKey([other])).toBeNull()
  })

  test.each<[string, readonly string[], number]>([
    ['no work factor', ['scrypt', salt], 32],
    ['another argument', ['scrypt', salt, '2', 'more'], 32],
    ['a short salt', ['scrypt', encodeBase64(Buffer.alloc(15)), '2'], 32],
    ['a salt that is no base64', ['scrypt', `${salt.slice(0, -1)}!`, '2'], 32],
    ['a work factor of zero', ['scrypt', salt, '0'], 32],
    ['a work factor with a zero before it', ['scrypt', salt, '02'], 32],
    ['a work factor of three digits', ['scrypt', salt, '200'], 32],
    ['a work factor with a letter', ['scrypt', salt, '2x'], 32],
    ['a short body', ['scrypt', salt, '2'], 31],
  ])('is not tried on a stanza with %s', async (_what, args, length) => {
    await expect(scryptIdentity('x').unwrapFileKey([stanza(args, new Uint8Array(length))])).rejects.toBeInstanceOf(
      BadStanza,
    )
  })

  test('is not tried where that would take more than seconds and a gigabyte', async () => {
    const costly = [stanza(['scrypt', salt, '21'], new Uint8Array(32))]
    await expect(scryptIdentity('x').unwrapFileKey(costly)).rejects.toThrow('a scrypt work factor above 20')
  })

  test('closes a file alone: anybody else would learn that the passphrase is weak', async () => {
    const stanzas = [...(await stanzasFor('x')), other]
    await expect(scryptIdentity('x').unwrapFileKey(stanzas)).rejects.toThrow('must be the only one')
  })
})
