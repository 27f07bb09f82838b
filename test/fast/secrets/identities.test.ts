import { generateKeyPairSync } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadIdentities } from '../../../src/secrets/identity/load-identities.ts'
import { parseIdentities } from '../../../src/secrets/identity/parse-identities.ts'
import { newKey } from './keys.ts'

const [one, two] = [newKey('age1'), newKey('age1')]
const ssh = newKey('ssh-ed25519')

describe('an identity file', () => {
  test('may hold several age identities, comments and empty lines', async () => {
    const found = await parseIdentities(`# mine\n\n${one.privateText}\r\n  ${two.privateText.split('\n')[1]}  \n`, 'keys.txt')
    expect(found.map(({ source, publicKey }) => [source, publicKey])).toEqual([
      ['keys.txt:4', one.recipient],
      ['keys.txt:6', two.recipient],
    ])
  })

  test('shows no private key when it is printed', async () => {
    const [secret = ''] = /AGE-SECRET-KEY-\S+/.exec(one.privateText) ?? []
    const [identity] = await parseIdentities(one.privateText, 'k')
    expect(JSON.stringify(identity)).not.toContain(secret)
    expect(identity?.publicKey).toBe(one.recipient)
  })

  const planted = 'PLANTEDPLANTED'
  const encryptedPem = generateKeyPairSync('ed25519', {
    publicKeyEncoding: { format: 'pem', type: 'spki' },
    privateKeyEncoding: { format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'x' },
  }).privateKey
  const p256 = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { format: 'pem', type: 'pkcs8' },
    publicKeyEncoding: { format: 'pem', type: 'spki' },
  })
  const shortRsa = generateKeyPairSync('rsa', { modulusLength: 1024 })
    .privateKey.export({ format: 'pem', type: 'pkcs1' })
    .toString()
  test.each([
    ['an empty file', '# nothing\n', /no private key/],
    ['a typing error', one.privateText.replace(/.\n$/, '!\n'), /neither/],
    ['an identity in small letters', one.privateText.toLowerCase().replace('# a comment', planted), /neither/],
    ['something else', planted, /neither/],
    ['an age plugin', `AGE-PLUGIN-YUBIKEY-1${planted}`, /plugin/],
    ['a post-quantum identity', `AGE-SECRET-KEY-PQ-1${planted}`, /post-quantum/],
    ['a public key', ssh.recipient, /a public key/],
    ['an encrypted identity file', 'age-encryption.org/v1\n-> scrypt', /passphrase/],
    ['an encrypted PEM', encryptedPem, /passphrase/],
    ['an EC key', p256.privateKey, /ed25519 and RSA/],
    ['a short RSA key', shortRsa, /1024 bits/],
    ['a damaged PEM', `-----BEGIN PRIVATE KEY-----\n${planted}\n-----END PRIVATE KEY-----`, /damaged/],
    ['a damaged OpenSSH key', `-----BEGIN OPENSSH PRIVATE KEY-----\n${planted}\n-----END OPENSSH PRIVATE KEY-----`, /damaged/],
  ])('is refused when it is %s, and not repeated', async (_, text, message) => {
    const error: unknown = await parseIdentities(text, 'keys.txt').catch((reason: unknown) => reason)
    expect(error).toMatchObject({ exit: 2, message: expect.stringMatching(message) })
    expect(String(error)).not.toContain(planted)
  })
})

describe('the identities to decrypt with', () => {
  let home: string
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'keel-home-'))
    await mkdir(join(home, '.ssh'))
  })
  afterEach(() => rm(home, { recursive: true }))
  const load = (...files: string[]) => loadIdentities({ files, home, cwd: home })
  const put = (name: string, text: string) => writeFile(join(home, name), text)

  test('are those named, in that order, and only those', async () => {
    await put('.ssh/id_ed25519', ssh.privateText)
    await put('two', two.privateText)
    await put('one', one.privateText)
    expect((await load('two', join(home, 'one'))).map(({ publicKey }) => publicKey)).toEqual([two.recipient, one.recipient])
  })

  test('are ~/.ssh/id_ed25519 and then ~/.ssh/id_rsa', async () => {
    const rsa = newKey('ssh-rsa')
    await put('.ssh/id_rsa', rsa.privateText)
    expect((await load()).map(({ publicKey }) => publicKey)).toEqual([rsa.recipient])
    await put('.ssh/id_ed25519', ssh.privateText)
    expect((await load()).map(({ publicKey }) => publicKey)).toEqual([ssh.recipient, rsa.recipient])
  })

  test('a default key that keel can’t read is complained of only when it is its turn', async () => {
    await put('.ssh/id_ed25519', ssh.privateText)
    await put('.ssh/id_rsa', 'rubbish')
    const [first, second] = await load()
    expect(first?.publicKey).toBe(ssh.recipient)
    expect(() => second?.unwrapFileKey([])).toThrow(/~\/.ssh\/id_rsa/)
  })

  test.each([[[]], [['nowhere']]])('none found is said, with what to do', async (files) => {
    await expect(load(...files)).rejects.toMatchObject({ code: 'identity', exit: 2, todo: expect.stringContaining('--identity') })
  })
})
