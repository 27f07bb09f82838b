import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { sshEcdsaBlob, sshEcdsaKey } from '../../../src/model/keys/ssh-ecdsa.ts'
import { sshBlob, sshFields } from '../../../src/model/keys/ssh-fields.ts'
import { signerOf } from '../../../src/model/keys/ssh-signature.ts'

const folder = mkdtempSync(join(tmpdir(), 'keel-sshsig-'))
afterAll(() => rmSync(folder, { recursive: true }))

function keyOf(name: string, ...kind: readonly string[]): string {
  const path = join(folder, name)
  execFileSync('ssh-keygen', ['-q', ...kind, '-N', '', '-C', '', '-f', path])
  return path
}

function signed(key: string, message: string, namespace = 'keel'): string {
  const armored = execFileSync('ssh-keygen', ['-Y', 'sign', '-n', namespace, '-f', key], {
    input: message,
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  return `${armored}`.replace(/^-----.*$/gm, '').replaceAll('\n', '')
}

const key = keyOf('ecdsa', '-t', 'ecdsa', '-b', '256', '-m', 'PKCS8')
const blob = Buffer.from(readFileSync(`${key}.pub`, 'utf8').split(' ')[1] ?? '', 'base64')
const proof = signed(key, 'a challenge')

describe('a signature of ssh-keygen', () => {
  test('names its key, whichever numbers it has', () => {
    // a number whose first byte is zero or above 127 is one byte shorter or longer: about every second signature
    for (let count = 0; count < 24; count++) {
      const signer = signerOf('a challenge', 'keel', signed(key, 'a challenge')) ?? expect.unreachable()
      expect(sshEcdsaBlob(signer)).toEqual(blob)
    }
  })

  test.each([
    ['of another message', 'another challenge', 'keel', proof],
    ['for another use', 'a challenge', 'git', proof],
    ['of an ed25519 key', 'a challenge', 'keel', signed(keyOf('ed', '-t', 'ed25519'), 'a challenge')],
    [
      'of a key on another curve',
      'a challenge',
      'keel',
      signed(keyOf('p384', '-t', 'ecdsa', '-b', '384'), 'a challenge'),
    ],
    ['of an RSA key', 'a challenge', 'keel', signed(keyOf('rsa', '-t', 'rsa', '-b', '2048'), 'a challenge')],
    [
      'with something after it',
      'a challenge',
      'keel',
      Buffer.concat([Buffer.from(proof, 'base64'), Buffer.alloc(1)]).toString('base64'),
    ],
    ['that is empty', 'a challenge', 'keel', ''],
    ['that is none', 'a challenge', 'keel', 'U1NIU0lH'],
  ])('is refused %s', (_, message, namespace, signature) => {
    expect(signerOf(message, namespace, signature)).toBeUndefined()
  })

  test('attack 3: is refused with any bit changed, and never breaks the parser', () => {
    const bytes = Buffer.from(proof, 'base64')
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const wrong = Buffer.from(bytes)
        wrong[at] = (wrong[at] ?? 0) ^ change
        const signer = signerOf('a challenge', 'keel', wrong.toString('base64'))
        expect(signer).toBeUndefined()
      }),
      { numRuns: 500 },
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (noise) => {
        expect(
          signerOf('a challenge', 'keel', Buffer.concat([bytes.subarray(0, 10), noise]).toString('base64')),
        ).toBeUndefined()
      }),
    )
  })
})

test('the fields of a blob are read as they were written, and only whole', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 5 }), (fields) => {
      const written = sshBlob(...fields)
      expect(sshFields(written, fields.length)?.map((field) => [...field])).toEqual(fields.map((field) => [...field]))
      expect(sshFields(written, fields.length + 1)).toBeUndefined()
      expect(sshFields(Buffer.concat([written, Buffer.alloc(1)]), fields.length)).toBeUndefined()
      if (fields.length > 0) expect(sshFields(written.subarray(0, -1), fields.length)).toBeUndefined()
    }),
  )
})

test('a point that is not on the curve is no key', () => {
  const wrong = Buffer.from(blob)
  wrong[wrong.length - 1] = (wrong.at(-1) ?? 0) ^ 1
  expect(sshEcdsaKey(wrong)).toBeUndefined()
  expect(sshEcdsaKey(blob)?.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' })
})
