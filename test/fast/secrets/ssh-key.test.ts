import { createHash, generateKeyPairSync } from 'node:crypto'
import { bech32 } from '@scure/base'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KeelError } from '../../../src/errors.ts'
import { parseRecipient } from '../../../src/model/keys/recipient.ts'
import { fingerprint, parseSshPublicKey } from '../../../src/model/keys/ssh-key.ts'
import { blobLine, newKey, sshLine } from '../../support/secrets/secret-keys.ts'

const ed25519 = newKey('ssh-ed25519').recipient
const [, base64 = ''] = ed25519.split(' ')
const blob = Buffer.from(base64, 'base64')
const rsaNumber = (bits: number) => {
  const modulus = Buffer.alloc(bits / 8, 0xff)
  return Buffer.concat([Buffer.alloc(1), modulus])
}
const e = Buffer.from([1, 0, 1])

describe('an SSH public key', () => {
  test.each([
    ['as it stands', ed25519],
    ['with a comment', `${ed25519} root@maia with spaces`],
    ['with white space around it', `  ${ed25519}\n`],
    ['with tabs', ed25519.replace(' ', '\t')],
  ])('%s is read, and written without the rest', (_, text) => {
    expect(parseSshPublicKey(text)).toBe(ed25519)
  })

  test('of type ssh-rsa is read from 2048 bits on', () => {
    const line = sshLine(generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey)
    expect(parseSshPublicKey(line)).toBe(line)
  })

  test('has the fingerprint that ssh-keygen shows', () => {
    expect(fingerprint(parseSshPublicKey(ed25519))).toBe(
      `SHA256:${createHash('sha256').update(blob).digest('base64').replaceAll('=', '')}`,
    )
  })

  const refused: readonly [string, string, RegExp][] = [
    ['an empty text', ' \n', /empty/],
    ['two lines', `${ed25519}\n${ed25519}`, /several lines/],
    ['a private key', '-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blbn', /a private key/],
    ['an age identity', 'AGE-SECRET-KEY-1QQQQ', /a private key/],
    ['a certificate', 'ssh-ed25519-cert-v01@openssh.com AAAA', /certificate/],
    ['a security key', 'sk-ssh-ed25519@openssh.com AAAA', /security key/],
    ['an ECDSA key', 'ecdsa-sha2-nistp256 AAAA', /ECDSA/],
    ['a DSA key', 'ssh-dss AAAA', /DSA/],
    ['a signature type', 'rsa-sha2-512 AAAA', /ssh-rsa/],
    ['a future type', 'ssh-ed448 AAAA', /does not know this type/],
    ['a host name before it', `maia ${ed25519}`, /host name/],
    ['an option before it', `no-pty ${ed25519}`, /options/],
    ['a type alone', 'ssh-ed25519', /without a key after it/],
    ['no base64', 'ssh-ed25519 AAAA*', /base64/],
    ['base64 without padding', `ssh-rsa ${Buffer.alloc(4).toString('base64').replace(/=+/, '')}`, /base64/],
    ['a cut-off blob', `ssh-ed25519 ${blob.subarray(0, 48).toString('base64')}`, /cut-off/],
    ['bytes behind the key', `ssh-ed25519 ${Buffer.concat([blob, Buffer.alloc(3)]).toString('base64')}`, /cut-off/],
    ['a third field', blobLine('ssh-ed25519', blob.subarray(-32), e), /32 bytes/],
    ['a short point', blobLine('ssh-ed25519', blob.subarray(-31)), /32 bytes/],
    ['another type inside', `ssh-rsa ${base64}`, /contains a key of type 'ssh-ed25519'/],
    ['RSA of 1024 bits', blobLine('ssh-rsa', e, rsaNumber(1024)), /1024 bits/],
    ['RSA of 2040 bits', blobLine('ssh-rsa', e, rsaNumber(2040)), /2040 bits/],
    ['RSA of 16392 bits', blobLine('ssh-rsa', e, rsaNumber(16392)), /16392 bits/],
    ['a negative modulus', blobLine('ssh-rsa', e, Buffer.alloc(256, 0xff)), /negative/],
    ['a padded modulus', blobLine('ssh-rsa', e, Buffer.concat([Buffer.alloc(1), rsaNumber(2048)])), /padded/],
    [
      'an even modulus',
      blobLine('ssh-rsa', e, Buffer.concat([rsaNumber(2048).subarray(0, -1), Buffer.from([254])])),
      /even/,
    ],
    ['exponent 1', blobLine('ssh-rsa', Buffer.from([1]), rsaNumber(2048)), /exponent/],
    ['an even exponent', blobLine('ssh-rsa', Buffer.from([2]), rsaNumber(2048)), /exponent/],
    ['a huge exponent', blobLine('ssh-rsa', Buffer.from([1, 0, 0, 1]), rsaNumber(2048)), /exponent/],
  ]
  test.each(refused)('refuses %s', (_, text, message) => {
    expect(() => parseSshPublicKey(text)).toThrow(message)
    expect(() => parseSshPublicKey(text)).toThrow(KeelError)
  })

  test('never repeats what was pasted by mistake', () => {
    for (const secret of [
      'hunter2hunter2',
      'K10abc::server:hunter2',
      'AGE-SECRET-KEY-1HUNTER2',
      '-----BEGIN PRIVATE KEY-----hunter2',
    ]) {
      expect(() => parseSshPublicKey(secret)).toThrow(
        expect.not.objectContaining({ message: expect.stringMatching(/hunter2/i) }),
      )
    }
  })

  test('is read the same again, or refused with a KeelError, whatever byte is changed', () => {
    fc.assert(
      fc.property(fc.nat(blob.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = Buffer.from(blob)
        changed[at] = (changed[at] ?? 0) ^ change
        const line = `ssh-ed25519 ${changed.toString('base64')}`
        // the last 32 bytes are the point; whether it is on the curve is age's question
        if (at >= blob.length - 32) expect(parseSshPublicKey(line)).toBe(line)
        else expect(() => parseSshPublicKey(line)).toThrow(KeelError)
      }),
    )
  })
})

describe('a recipient', () => {
  const native = newKey('age1').recipient
  test('is an SSH key or an age1 recipient', () => {
    expect(parseRecipient(`${native}\n`)).toBe(native)
    expect(parseRecipient(`${ed25519} me`)).toBe(ed25519)
    const postQuantum = newKey('age1pq1').recipient
    expect(parseRecipient(postQuantum)).toBe(postQuantum)
  })

  test.each([
    ['a typing error', native.replace(/.$/, (last) => (last === 'q' ? 'p' : 'q')), /typing error/],
    ['capitals', native.toUpperCase(), /typing error/],
    ['a plugin', 'age1yubikey1qwerty', /plugin/],
    [
      'a post-quantum recipient with a typing error',
      newKey('age1pq1').recipient.replace(/.$/, (last) => (last === 'q' ? 'p' : 'q')),
      /typing error/,
    ],
    ['a short post-quantum recipient', bech32.encodeFromBytes('age1pq', new Uint8Array(32)), /32 bytes.*has 1216/s],
    ["a security key's", 'age1tag1qwerty', /security key/],
    ['31 bytes', 'age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqsqu26ec', /typing error|31 bytes/],
  ])('refuses %s', (_, text, message) => {
    expect(() => parseRecipient(text)).toThrow(message)
  })
})
