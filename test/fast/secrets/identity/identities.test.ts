import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bech32 } from '@scure/base'
import { armor, Encrypter } from 'age-encryption'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Recipient } from '../../../../src/model/brands.ts'
import { parseRecipient } from '../../../../src/model/keys/recipient.ts'
import { decryptFile, encryptFile } from '../../../../src/secrets/age/file.ts'
import { loadIdentities } from '../../../../src/secrets/identity/load-identities.ts'
import { parseIdentities } from '../../../../src/secrets/identity/parse-identities.ts'
import { readIdentityFile } from '../../../../src/ssh/keys/identity-file.ts'
import { openWithPassphrase } from '../../../../src/terminal/passphrase.ts'
import { newKey, sshLine } from '../../../support/secrets/secret-keys.ts'

const [one, two] = [newKey('age1'), newKey('age1')]
const ssh = newKey('ssh-ed25519')

describe('an identity file', () => {
  test('may hold several age identities, comments and empty lines', async () => {
    const found = await parseIdentities(
      `# mine\n\n${one.privateText}\r\n  ${two.privateText.split('\n')[1]}  \n`,
      'keys.txt',
    )
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
  const encryptedToKey = `age-encryption.org/v1\n-> ssh-ed25519 abcdef ${'A'.repeat(43)}\n${'A'.repeat(43)}\n--- ${'A'.repeat(43)}\n${'0'.repeat(32)}`
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
    ['a post-quantum identity with a typing error', `AGE-SECRET-KEY-PQ-1${planted}`, /neither/],
    [
      'a public key of a security key',
      `sk-ssh-ed25519@openssh.com AAAA${planted}`,
      /security key, which can sign but not decrypt/,
    ],
    ['a public key', ssh.recipient, /a public key/],
    [
      'an age identity of another length',
      `${bech32.encodeFromBytes('AGE-SECRET-KEY-', Buffer.alloc(31, 1)).toUpperCase()}`,
      /neither/,
    ],
    [
      'a post-quantum identity of another length',
      `${bech32.encodeFromBytes('AGE-SECRET-KEY-PQ-', Buffer.alloc(31, 1)).toUpperCase()}`,
      /neither/,
    ],
    ['a damaged encrypted identity file', 'age-encryption.org/v1\n-> scrypt', /no whole header/],
    ['a file encrypted to a key', encryptedToKey, /without a passphrase/],
    ['an EC key', p256.privateKey, /ed25519 and RSA/],
    ['a short RSA key', shortRsa, /1024 bits/],
    ['a damaged PEM', `-----BEGIN PRIVATE KEY-----\n${planted}\n-----END PRIVATE KEY-----`, /damaged/],
    [
      'a damaged OpenSSH key',
      `-----BEGIN OPENSSH PRIVATE KEY-----\n${planted}\n-----END OPENSSH PRIVATE KEY-----`,
      /damaged/,
    ],
  ])('is refused when it is %s, and not repeated', async (_, text, message) => {
    const error: unknown = await parseIdentities(text, 'keys.txt').catch((reason: unknown) => reason)
    expect(error).toMatchObject({ exit: 2, message: expect.stringMatching(message) })
    expect(String(error)).not.toContain(planted)
  })
})

test.each([
  ['/home/me/.ssh/id_ed25519.pub', '/home/me/.ssh/id_ed25519'],
  ['id_ed25519-cert.pub', 'id_ed25519'],
  ['my-cert.pub.old', 'my-cert.pub.old'],
])('in place of the public key %s keel asks for the private key', async (source, file) => {
  await expect(parseIdentities(ssh.recipient, source)).rejects.toMatchObject({ todo: `name the private key: ${file}` })
})

describe('an OpenSSH private key', () => {
  const wire = Buffer.from(ssh.recipient.split(' ')[1] ?? '', 'base64')
  const number = (value: number) => Buffer.from([value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255])
  const field = (value: string | Buffer) => Buffer.concat([number(value.length), Buffer.from(value)])
  const bcrypt = (rounds: number) => Buffer.concat([field('0123456789abcdef'), number(rounds)])
  /** OpenSSH's PROTOCOL.key, with a private part of nothing. */
  const key = (cipher: string, kdf: string, options: Buffer | string, keys = 1) => {
    const head = [Buffer.from('openssh-key-v1\0'), field(cipher), field(kdf), field(options), number(keys)]
    const body = Buffer.concat([...head, field(wire), field(Buffer.alloc(160))]).toString('base64')
    return `-----BEGIN OPENSSH PRIVATE KEY-----\n${body}\n-----END OPENSSH PRIVATE KEY-----\n`
  }

  test.each([
    ['a passphrase and no cipher', key('none', 'bcrypt', bcrypt(16))],
    ['a cipher and no passphrase', key('aes256-ctr', 'none', '')],
    ['a way to hash that OpenSSH has not', key('aes256-ctr', 'argon2', bcrypt(16))],
    ['no rounds', key('aes256-ctr', 'bcrypt', bcrypt(0))],
    ['a salt cut off', key('aes256-ctr', 'bcrypt', bcrypt(16).subarray(0, 9))],
    ['two keys', key('none', 'none', '', 2)],
    ['no key', key('none', 'none', '', 0)],
    ['no private part', key('none', 'none', '')],
  ])('with %s is damaged', async (_, text) => {
    await expect(parseIdentities(text, 'key')).rejects.toMatchObject({
      code: 'identity',
      message: expect.stringMatching(/damaged/),
    })
    await writeFile(join(tmpdir(), `keel-key-${process.pid}`), text)
    const read = readIdentityFile(join(tmpdir(), `keel-key-${process.pid}`), { env: {}, ask: async () => 'x' })
    await expect(read.finally(() => rm(join(tmpdir(), `keel-key-${process.pid}`)))).resolves.toMatchObject({
      kind: 'unusable',
    })
  })

  test('whose passphrase would take days to try is refused before anybody is asked', async () => {
    const text = key('aes256-ctr', 'bcrypt', bcrypt(0x7fffffff))
    const identities = await parseIdentities(text, {
      source: 'key',
      path: 'key',
      input: { env: {}, ask: expect.unreachable },
    })
    const file = await encryptFile(Buffer.from('x'), [ssh.recipient], { armor: false })
    await expect(decryptFile(file, identities)).rejects.toThrow(/hashed 2147483647 times/)
  })

  test('that is encrypted is opened for no file that names another key', async () => {
    const text = key('aes256-ctr', 'bcrypt', bcrypt(16))
    const identities = await parseIdentities(text, {
      source: 'key',
      path: 'key',
      input: { env: {}, ask: expect.unreachable },
    })
    const others = [newKey('ssh-ed25519'), newKey('age1')].map(({ recipient }) => recipient)
    expect(await decryptFile(await encryptFile(Buffer.from('x'), others, { armor: false }), identities)).toBeUndefined()
  })

  test('nor is one as PKCS#8', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    const pem = privateKey.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'x' }).toString()
    const der = Buffer.from(pem.replace(/-----[^-]*-----/g, ''), 'base64').toString('hex')
    // OpenSSL's 2048, in four bytes
    const many = Buffer.from(der.replace('02020800', '02047fffffff'), 'hex').toString('base64')
    const text = `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${many}\n-----END ENCRYPTED PRIVATE KEY-----\n`
    const identities = await parseIdentities(text, {
      source: 'key',
      path: 'key',
      input: { env: {}, ask: expect.unreachable },
    })
    const file = await encryptFile(Buffer.from('x'), [parseRecipient(sshLine(publicKey))], { armor: false })
    await expect(decryptFile(file, identities)).rejects.toThrow(/hashed 2147483647 times/)
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
    expect((await load('two', join(home, 'one'))).map(({ publicKey }) => publicKey)).toEqual([
      two.recipient,
      one.recipient,
    ])
  })

  test('are ~/.ssh/id_rsa and then ~/.ssh/id_ed25519, as agenix has them', async () => {
    const rsa = newKey('ssh-rsa')
    await put('.ssh/id_ed25519', ssh.privateText)
    expect((await load()).map(({ publicKey }) => publicKey)).toEqual([ssh.recipient])
    await put('.ssh/id_rsa', rsa.privateText)
    expect((await load()).map(({ publicKey }) => publicKey)).toEqual([rsa.recipient, ssh.recipient])
  })

  test('a default key that keel can’t read is complained of only where no other fits', async () => {
    await put('.ssh/id_ed25519', ssh.privateText)
    await put('.ssh/id_rsa', 'rubbish')
    const identities = await load()
    const ours = await encryptFile(Buffer.from('x'), [ssh.recipient], { armor: false })
    expect(Buffer.from((await decryptFile(ours, identities)) ?? []).toString()).toBe('x')
    const others = await encryptFile(Buffer.from('x'), [one.recipient], { armor: false })
    await expect(decryptFile(others, identities)).rejects.toThrow(/~\/.ssh\/id_rsa/)
  })

  test('one that can’t be read says why, and what to name', async () => {
    await expect(load('.ssh')).rejects.toMatchObject({
      at: '.ssh',
      found: expect.stringContaining('EISDIR'),
      todo: expect.any(String),
    })
  })

  test('none is tried once somebody has interrupted the question for the passphrase of another', async () => {
    const key = generateKeyPairSync('ed25519')
    const locked = key.privateKey
      .export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'x' })
      .toString()
    await put('locked', locked)
    await put('ssh', ssh.privateText)
    const interrupt = new AbortController()
    const ask = async () => {
      interrupt.abort(new Error('SIGINT'))
      throw interrupt.signal.reason
    }
    const input = { env: {}, ask, signal: interrupt.signal }
    const identities = await loadIdentities({ files: ['locked', 'ssh'], home, cwd: home, input })
    const both = [parseRecipient(sshLine(key.publicKey)), ssh.recipient]
    await expect(decryptFile(await encryptFile(Buffer.from('x'), both, { armor: false }), identities)).rejects.toThrow(
      'SIGINT',
    )
  })

  describe('with a passphrase', () => {
    const encrypted = (type: 'ed25519' | 'rsa') =>
      (type === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ed25519')).privateKey
    const pair = (['ed25519', 'rsa'] as const).map((type) => {
      const key = encrypted(type)
      const text = key
        .export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'open barley' })
        .toString()
      return { type, text, recipient: parseRecipient(sshLine(createPublicKey(key))) }
    })
    /** Answers in turn, then as if there were no terminal. */
    const asked = (answers: readonly string[], env: Record<string, string> = {}) => {
      const questions: string[] = []
      const left = [...answers]
      const ask = async (question: string) => {
        questions.push(question)
        return left.shift()
      }
      return { questions, input: { env, ask } }
    }
    const fileFor = (recipient: Recipient) => encryptFile(Buffer.from('value'), [recipient], { armor: false })

    test.each(pair)(
      'an encrypted PEM key ($type) is asked for once, when a file needs it',
      async ({ text, recipient }) => {
        await put('key', text)
        const { questions, input } = asked(['sesame', 'open barley'])
        const identities = await loadIdentities({ files: ['key'], home, cwd: home, input })
        expect(await decryptFile(await fileFor(one.recipient), identities)).toBeUndefined()
        expect(questions).toEqual([])
        for (let round = 0; round < 2; round++)
          expect(Buffer.from((await decryptFile(await fileFor(recipient), identities)) ?? []).toString()).toBe('value')
        const path = join(home, 'key')
        expect(questions).toEqual([`passphrase of ${path}: `, `that was not it; passphrase of ${path}: `])
      },
    )

    test('KEEL_PASSPHRASE_FILE answers in place of the terminal, and a wrong one is tried once', async () => {
      const [{ text, recipient } = expect.unreachable()] = pair
      await put('key', text)
      await put('phrase', 'open barley\nnot this line\n')
      await put('wrong', 'sesame\n')
      const open = async (file: string) => {
        const { questions, input } = asked(['open barley'], { KEEL_PASSPHRASE_FILE: join(home, file) })
        const identities = await loadIdentities({ files: ['key'], home, cwd: home, input })
        const value = decryptFile(await fileFor(recipient), identities)
        return { value, questions }
      }
      expect((await (await open('phrase')).value)?.toString()).toBeDefined()
      const { value, questions } = await open('wrong')
      await expect(value).rejects.toMatchObject({ code: 'key-passphrase', exit: 2 })
      expect(questions).toEqual([])
    })

    test('a key that was opened once in a command is not asked for again, whatever opens it', async () => {
      const [{ text, recipient } = expect.unreachable()] = pair
      await put('key', text)
      const { questions, input } = asked(['open barley'])
      for (let round = 0; round < 2; round++) {
        // as ssh does it, with the file's path
        const identities = await loadIdentities({ files: ['key'], home, cwd: home, input: { ...input } })
        expect(await decryptFile(await fileFor(recipient), identities)).toBeDefined()
      }
      expect(await openWithPassphrase(input, join(home, 'key'), (passphrase) => passphrase)).toBe('open barley')
      expect(questions).toHaveLength(1)
    })

    test('nobody to ask is said, unless another key fits', async () => {
      const [{ text, recipient } = expect.unreachable()] = pair
      await put('key', text)
      await put('one', one.privateText)
      const identities = await load('key', 'one')
      await expect(decryptFile(await fileFor(recipient), identities)).rejects.toMatchObject({
        code: 'key-encrypted',
        exit: 2,
      })
      const both = await encryptFile(Buffer.from('x'), [recipient, one.recipient], { armor: false })
      expect(await decryptFile(both, identities)).toBeDefined()
    })
  })

  describe('made by age-keygen, behind a passphrase (age -p)', () => {
    const locked = async (text: string) => {
      const encrypter = new Encrypter()
      encrypter.setPassphrase('open barley')
      encrypter.setScryptWorkFactor(2)
      return encrypter.encrypt(text)
    }
    const asking = (contents: Uint8Array | string) => {
      const questions: string[] = []
      const ask = async (question: string) => {
        questions.push(question)
        return 'open barley'
      }
      const identities = parseIdentities(contents, {
        source: 'keys.age',
        path: `keys-${count++}.age`,
        input: { env: {}, ask },
      })
      return { questions, identities }
    }
    let count = 0
    const value = async (recipient: Recipient, identities: Awaited<ReturnType<typeof parseIdentities>>) => {
      const opened = await decryptFile(
        await encryptFile(Buffer.from('value'), [recipient], { armor: false }),
        identities,
      )
      return opened && Buffer.from(opened).toString()
    }

    test.each([
      ['binary', (file: Uint8Array) => file],
      ['armored', (file: Uint8Array) => armor.encode(file)],
    ])(
      '%s: each key in it fits, the passphrase is asked for once, and what they are is not told before',
      async (_, form) => {
        const file = form(await locked(`${one.privateText}${two.privateText}`))
        const { questions, identities } = asking(file)
        expect((await identities).map(({ source, publicKey }) => ({ source, publicKey }))).toEqual([
          { source: 'keys.age', publicKey: undefined },
        ])
        expect(questions).toEqual([])
        expect(await value(two.recipient, await identities)).toBe('value')
        expect(await value(one.recipient, await identities)).toBe('value')
        expect(await value(newKey('age1').recipient, await identities)).toBeUndefined()
        expect(questions).toHaveLength(1)
      },
    )

    test('the passphrase is not asked for where a file is for none but SSH keys', async () => {
      const { questions, identities } = asking(await locked(one.privateText))
      expect(await value(ssh.recipient, await identities)).toBeUndefined()
      expect(questions).toEqual([])
    })
  })

  test.each([
    [[], '~/.ssh/id_rsa and ~/.ssh/id_ed25519'],
    [['nowhere'], 'nowhere'],
  ])('none found is said, with what to do', async (files, at) => {
    await expect(load(...files)).rejects.toMatchObject({
      code: 'identity',
      exit: 2,
      at,
      todo: expect.stringContaining('--identity'),
    })
  })
})
