import { describe, expect, it } from 'vitest'
import { clearEd25519Seed, readOpenSshContainer } from '../../../src/model/keys/openssh-container.ts'

/** OpenSSH's PROTOCOL.key. */
const number = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
const field = (value: string | Uint8Array) => Buffer.concat([number(value.length), Buffer.from(value)])
const [seed, point] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]

interface Private {
  readonly checks?: readonly [number, number]
  readonly type?: string
  readonly point?: Uint8Array
  readonly secret?: Uint8Array
  readonly padding?: readonly number[]
}
/** 8 + 15 + 36 + 68 + 8 bytes, and one of padding. */
function privatePart(over: Private = {}): Buffer {
  const { checks = [7, 7], type = 'ssh-ed25519', padding = [1] } = over
  return Buffer.concat([
    ...[...checks].map(number),
    ...[field(type), field(over.point ?? point), field(over.secret ?? Buffer.concat([seed, point])), field('test')],
    Uint8Array.from(padding),
  ])
}

interface Container {
  readonly magic?: string
  readonly cipher?: string
  readonly kdf?: string
  readonly options?: Uint8Array
  readonly keys?: number
  readonly secret?: Uint8Array
}
const PUBLIC = Buffer.from('public')
function bytesOf(over: Container = {}): Buffer {
  const { magic = 'openssh-key-v1\0', cipher = 'none', kdf = 'none', options = Buffer.alloc(0), keys = 1 } = over
  const head = [Buffer.from(magic), field(cipher), field(kdf), field(options), number(keys)]
  return Buffer.concat([...head, field(PUBLIC), field(over.secret ?? privatePart())])
}
const pem = (bytes: Buffer) =>
  `-----BEGIN OPENSSH PRIVATE KEY-----\n${bytes.toString('base64')}\n-----END OPENSSH PRIVATE KEY-----\n`
const bcrypt = (rounds: number) => Buffer.concat([field('0123456789abcdef'), number(rounds)])

describe('the file of an OpenSSH key', () => {
  const plain = { cipher: 'none', rounds: 0, publicWire: PUBLIC, privatePart: privatePart() }
  it.each<[string, string, object]>([
    ['without a passphrase', pem(bytesOf()), plain],
    ['with white space around it', `\n ${pem(bytesOf())}\n\n`, plain],
    [
      'with a passphrase',
      pem(bytesOf({ cipher: 'aes256-ctr', kdf: 'bcrypt', options: bcrypt(24) })),
      { ...plain, cipher: 'aes256-ctr', rounds: 24 },
    ],
  ])('%s is read', (_what, text, container) => expect(readOpenSshContainer(text)).toEqual(container))

  it.each<[string, string]>([
    ['a text before it', `x${pem(bytesOf())}`],
    ['a text behind it', `${pem(bytesOf())}x`],
    ['a character that is not of base64', pem(bytesOf()).replace('\n', '\n?')],
    ['another magic', pem(bytesOf({ magic: 'openssh-key-v2\0' }))],
    ['nothing behind the magic', pem(Buffer.from('openssh-key-v1\0'))],
    ['a cipher that is cut off', pem(bytesOf().subarray(0, 20))],
    ['no way to hash', pem(bytesOf().subarray(0, 23))],
    ['no number of keys', pem(bytesOf().subarray(0, 37))],
    ['no public key', pem(bytesOf().subarray(0, 39))],
    ['a private part that is cut off', pem(bytesOf().subarray(0, -1))],
    ['two keys', pem(bytesOf({ keys: 2 }))],
    ['a cipher without a passphrase', pem(bytesOf({ cipher: 'aes256-ctr' }))],
    ['a passphrase without a cipher', pem(bytesOf({ kdf: 'bcrypt', options: bcrypt(24) }))],
    ['options for no hash', pem(bytesOf({ options: bcrypt(24) }))],
    ['a hash that OpenSSH does not have', pem(bytesOf({ cipher: 'aes256-ctr', kdf: 'argon2', options: bcrypt(24) }))],
    ['no rounds', pem(bytesOf({ cipher: 'aes256-ctr', kdf: 'bcrypt', options: bcrypt(0) }))],
    ['no salt', pem(bytesOf({ cipher: 'aes256-ctr', kdf: 'bcrypt', options: Buffer.concat([field(''), number(24)]) }))],
    [
      'more than salt and rounds',
      pem(bytesOf({ cipher: 'aes256-ctr', kdf: 'bcrypt', options: Buffer.concat([bcrypt(24), number(1)]) })),
    ],
  ])('with %s is none', (_what, text) => expect(readOpenSshContainer(text)).toBeUndefined())
})

describe('the seed of an ed25519 key', () => {
  const seedIn = (secret: Uint8Array, cipher = 'none') =>
    clearEd25519Seed({ cipher, rounds: 0, publicWire: PUBLIC, privatePart: Buffer.from(secret) })

  it('is read where nothing is encrypted', () => expect(seedIn(privatePart())).toEqual(seed))

  it.each<[string, Uint8Array, string?]>([
    ['behind a cipher', privatePart(), 'aes256-ctr'],
    ['of nothing', Buffer.alloc(0)],
    ['with check numbers that differ', privatePart({ checks: [7, 8] })],
    ['of another type', privatePart({ type: 'ssh-ed25518' })],
    ['of another length', privatePart({ secret: Buffer.concat([seed, point, seed]) })],
    ['with another point', privatePart({ point: Buffer.alloc(32, 3) })],
    ['cut off', privatePart().subarray(0, 64)],
    ['without padding', privatePart({ padding: [] })],
    ['with other padding', privatePart({ padding: [2] })],
    ['with too much padding', privatePart({ padding: [1, 2, 3, 4, 5, 6, 7, 8, 9] })],
  ])('is not read %s', (_what, secret, cipher) => expect(seedIn(secret, cipher)).toBeUndefined())
})
