import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KeelError } from '../../../src/errors.ts'
import { parsePublicKeyring } from '../../../src/model/keys/openpgp-public-key.ts'

/** Made once with GnuPG 2.4: `gpg --export`, `--armor --export`, `--export-secret-keys`, of an Ed25519 key without a passphrase. */
const made = (name: string) => readFileSync(new URL(`../../cases/openpgp/${name}`, import.meta.url))
const binary = made('public.gpg')
const armoured = made('public.asc')

describe('a public key', () => {
  it.each([
    ['binary', binary],
    ['armoured', armoured],
    ['armoured, with the line ends of Windows', Buffer.from(armoured.toString().replaceAll('\n', '\r\n'))],
    ['armoured, with a comment', Buffer.from(armoured.toString().replace('\n\n', '\nComment: of Ada\n\n'))],
    ['armoured, without a checksum', Buffer.from(armoured.toString().replace(/^=.{4}\n/m, ''))],
  ])('%s: the same bytes', (_form, bytes) => {
    expect(Buffer.from(parsePublicKeyring(bytes)).equals(binary)).toBe(true)
  })

  it('several in one file', () => {
    const two = Buffer.concat([binary, binary])
    expect(parsePublicKeyring(two)).toEqual(two)
  })
})

describe('what is none', () => {
  const edited = (from: RegExp | string, to: string) => Buffer.from(armoured.toString().replace(from, to))
  it.each([
    ['a private key', made('private.gpg'), 'a private key'],
    ['an armoured private key', made('private.asc'), 'a private key'],
    ['a private key behind a public one', Buffer.concat([binary, made('private.gpg')]), 'a private key'],
    ['a private key of SSH', Buffer.from('-----BEGIN OPENSSH PRIVATE KEY-----\n'), 'a private key'],
    ['nothing', Buffer.from(''), 'not an OpenPGP public key'],
    ['a text', Buffer.from('ada@example.org'), 'not an OpenPGP public key'],
    ['a binary', Buffer.alloc(100, 0xff), 'not an OpenPGP public key'],
    ['a signature', Buffer.from([0xc2, 1, 4]), 'not an OpenPGP public key'],
    [
      'a key with a part of somebody else behind it',
      Buffer.concat([binary, Buffer.from('x')]),
      'not an OpenPGP public key',
    ],
    ['a text before the block', edited('-----BEGIN', 'my key\n-----BEGIN'), 'not an OpenPGP public key'],
    ['two blocks', Buffer.concat([armoured, armoured]), 'not an OpenPGP public key'],
    ['a block without its end', edited(/-----END.*/, ''), 'not an OpenPGP public key'],
    ['a key of version 6', Buffer.from([0xc6, 2, 6, 0]), 'a key that is not of version 4'],
    ['too large a file', Buffer.alloc((256 << 10) + 1, 0xc6), `a file of ${(256 << 10) + 1} bytes`],
  ])('%s', (_what, bytes, found) => {
    expect(() => parsePublicKeyring(bytes)).toThrow(expect.objectContaining({ code: 'image-key', found, exit: 2 }))
  })

  it('a key that was cut anywhere but between two packets is refused, and never taken for a longer one', () => {
    fc.assert(
      fc.property(fc.nat({ max: binary.length - 1 }), (length) => {
        const cut = binary.subarray(0, length)
        try {
          expect(parsePublicKeyring(cut)).toEqual(cut)
        } catch (error) {
          if (!(error instanceof KeelError)) throw error
        }
      }),
    )
    expect(() => parsePublicKeyring(binary.subarray(0, -1))).toThrow(KeelError)
  })

  it('any bytes: an error of keel, at once', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.string().map(Buffer.from)), (bytes) => {
        try {
          parsePublicKeyring(bytes)
        } catch (error) {
          expect(error).toMatchObject({ code: 'image-key' })
        }
      }),
    )
    const spaces = Buffer.from(`-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n${' \n'.repeat(100_000)}x`)
    const began = performance.now()
    expect(() => parsePublicKeyring(spaces)).toThrow(KeelError)
    expect(performance.now() - began).toBeLessThan(2000)
  })
})
