import { bech32 } from '@scure/base'
import { describe, expect, test } from 'vitest'
import { parseRecipient } from '../../../../src/model/keys/recipient.ts'
import { decryptFile, encryptFile, readStanzas } from '../../../../src/secrets/age/file.ts'
import { BadStanza, encodeBase64, stanza } from '../../../../src/secrets/age/stanza.ts'
import { identitiesOf, newKey } from '../../../support/secrets/secret-keys.ts'

const [mine, theirs] = [newKey('age1pq1'), newKey('age1pq1')]
const value = Buffer.from('value')
const encrypt = (...keys: readonly (typeof mine)[]) =>
  encryptFile(
    value,
    keys.map(({ recipient }) => recipient),
    { armor: false },
  )

describe('a file encrypted to a post-quantum key', () => {
  test.each([
    ['alone', [mine]],
    ['before another', [mine, theirs]],
    ['behind another', [theirs, mine]],
    ['beside keys of other kinds', [newKey('ssh-ed25519'), newKey('age1'), mine]],
  ])('comes back: %s', async (_what, keys) => {
    const opened = await decryptFile(await encrypt(...keys), await identitiesOf(mine))
    expect(opened && Buffer.from(opened)).toEqual(value)
  })

  test('is nobody else’s', async () => {
    expect(await decryptFile(await encrypt(theirs, newKey('age1')), await identitiesOf(mine))).toBeUndefined()
  })
})

describe('a stanza of a post-quantum key', () => {
  const share = (length: number) => encodeBase64(Buffer.alloc(length, 1))
  test.each<[string, readonly string[], number]>([
    ['without a share', ['mlkem768x25519'], 32],
    ['with a short share', ['mlkem768x25519', share(1119)], 32],
    ['with a share that is no base64', ['mlkem768x25519', `${share(1120).slice(0, -1)}!`], 32],
    ['with another argument', ['mlkem768x25519', share(1120), 'more'], 32],
    ['with a short body', ['mlkem768x25519', share(1120)], 31],
  ])('is refused %s', async (_what, args, length) => {
    const [identity = expect.unreachable()] = await identitiesOf(mine)
    await expect((async () => identity.unwrapFileKey([stanza(args, new Uint8Array(length))]))()).rejects.toBeInstanceOf(
      BadStanza,
    )
  })
})

/** FIPS 203 section 7.2: two numbers in three bytes, each below 3329 (0xd01). */
describe('a post-quantum key whose numbers are', () => {
  const last = 3 * 383
  test.each<[string, number, readonly [number, number, number], boolean]>([
    ['below the modulus', 0, [0x00, 0x0d, 0xd0], true],
    ['the modulus, in the first place', 0, [0x01, 0x0d, 0x00], false],
    ['the modulus, in the second place', 0, [0x00, 0x10, 0xd0], false],
    ['beyond it, at the end', last, [0xff, 0x0f, 0x00], false],
    ['beyond it, at the very end', last, [0x00, 0xf0, 0xff], false],
  ])('%s', async (_what, at, bytes, sound) => {
    const key = Uint8Array.from(bech32.fromWords(bech32.decode(mine.recipient as `${string}1${string}`, false).words))
    key.set(bytes, at)
    const recipient = parseRecipient(bech32.encode('age1pq', bech32.toWords(key), false))
    const encrypted = encryptFile(value, [recipient], { armor: false })
    if (sound) expect(readStanzas(await encrypted)).toHaveLength(1)
    else await expect(encrypted).rejects.toThrow(/is no post-quantum hybrid key/)
  })
})
