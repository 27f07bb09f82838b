import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Recipient } from '../../../src/model/brands.ts'
import { parseRecipient } from '../../../src/model/keys/recipient.ts'
import { fingerprint, parseSshPublicKey } from '../../../src/model/keys/ssh-key.ts'
import { decryptFile, encryptFile, readStanzas } from '../../../src/secrets/age/file.ts'
import type { AgeIdentity } from '../../../src/secrets/identity/identity.ts'
import { parseIdentities } from '../../../src/secrets/identity/parse-identities.ts'
import { makeServerCa } from '../../../src/secrets/pki/server-ca.ts'
import type { HiddenInput } from '../../../src/terminal/hidden-input.ts'
import { keyKinds, newKey, run } from '../../support/secrets/secret-keys.ts'

/** Both directions with the `age` program, on keys that ssh-keygen and age-keygen made. */
const directory = mkdtempSync(join(tmpdir(), 'keel-interop-'))
const path = (name: string) => join(directory, name)
const read = (name: string) => readFileSync(path(name), 'utf8')
afterAll(() => rmSync(directory, { recursive: true }))

const sshKinds = {
  ed25519: ['-t', 'ed25519'],
  'rsa 2048': ['-t', 'rsa', '-b', '2048'],
  'rsa 3072 as PEM': ['-t', 'rsa', '-b', '3072', '-m', 'PEM'],
}
const kinds = [...Object.keys(sshKinds), 'age1']
const publicKeys = new Map<string, Recipient>()

beforeAll(() => {
  for (const [kind, args] of Object.entries(sshKinds)) {
    run('ssh-keygen', ['-q', ...args, '-N', '', '-C', 'a comment', '-f', path(kind)])
    publicKeys.set(kind, parseRecipient(read(`${kind}.pub`)))
  }
  run('age-keygen', ['-o', path('age1')])
  publicKeys.set('age1', parseRecipient(run('age-keygen', ['-y', path('age1')]).toString()))
})

const recipient = (kind: string) => publicKeys.get(kind) ?? expect.unreachable(kind)
const identities = async (kind: string) => parseIdentities(read(kind), kind)
const values = {
  nothing: Buffer.alloc(0),
  'a line': Buffer.from('hello\n'),
  'a chunk': Buffer.alloc(65536, 1),
  'a chunk and a byte': Buffer.alloc(65537, 2),
}

describe.each(kinds)('%s', (kind) => {
  describe.each([
    ['binary', false],
    ['armor', true],
  ])('%s', (_, armor) => {
    test.each(Object.entries(values))('what keel encrypts, age decrypts: %s', async (_name, value) => {
      const file = await encryptFile(value, [recipient(kind)], { armor })
      expect(run('age', ['-d', '-i', path(kind)], file).equals(value)).toBe(true)
    })

    test.each(Object.entries(values))('what age encrypts, keel decrypts: %s', async (_name, value) => {
      const file = run('age', [...(armor ? ['-a'] : []), '-r', recipient(kind)], value)
      expect(Buffer.from((await decryptFile(file, await identities(kind))) ?? [0]).equals(value)).toBe(true)
    })
  })

  test('among 1,000 recipients of all kinds, in both directions', async () => {
    const others = Array.from(
      { length: 999 },
      (_, index) => newKey(keyKinds[index % 50 === 0 ? 1 : (index % 2) * 2] ?? 'age1').recipient,
    )
    const everybody = [...others.slice(0, 500), recipient(kind), ...others.slice(500)]
    const value = Buffer.from('one of a thousand')
    const ours = await encryptFile(value, everybody, { armor: false })
    expect(readStanzas(ours)).toHaveLength(1000)
    expect(run('age', ['-d', '-i', path(kind)], ours)).toEqual(value)
    writeFileSync(path('everybody'), everybody.join('\n'))
    const theirs = run('age', ['-R', path('everybody')], value)
    expect(Buffer.from((await decryptFile(theirs, await identities(kind))) ?? [])).toEqual(value)
  })
})

/** A terminal on which nothing but this is typed. */
function typed(...answers: string[]) {
  const questions: string[] = []
  const ask = async (question: string) => {
    questions.push(question)
    return answers.shift()
  }
  return { questions, input: { env: {}, ask } }
}

describe('a key with a passphrase', () => {
  const phrase = 'open barley'
  const locked = async (name: string, input: HiddenInput) =>
    parseIdentities(readFileSync(path(name)), { source: name, path: path(name), input })
  const clear = async (file: Uint8Array, identities: readonly AgeIdentity[]) =>
    Buffer.from((await decryptFile(file, identities)) ?? []).toString()

  test.each([
    ['ed25519', ['-t', 'ed25519']],
    ['rsa', ['-t', 'rsa', '-b', '2048']],
    ['rsa as PEM', ['-t', 'rsa', '-b', '2048', '-m', 'PEM']],
    ['ed25519 with aes256-gcm', ['-t', 'ed25519', '-Z', 'aes256-gcm@openssh.com']],
  ])(
    'made by ssh-keygen (%s) opens what age encrypted to it, asked once and only where it is needed',
    async (kind, args) => {
      const name = `locked ${kind}`
      run('ssh-keygen', ['-q', ...args, '-N', phrase, '-C', '', '-f', path(name)])
      const { questions, input } = typed('open sesame', phrase)
      const identities = await locked(name, input)
      expect(await decryptFile(run('age', ['-r', recipient('age1')], 'x'), identities)).toBeUndefined()
      if (!kind.endsWith('PEM'))
        expect(await decryptFile(run('age', ['-r', recipient('ed25519')], 'x'), identities)).toBeUndefined()
      expect(questions).toEqual([])
      const its = run('age', ['-R', path(`${name}.pub`)], 'value')
      expect(await clear(its, identities)).toBe('value')
      expect(await clear(its, identities)).toBe('value')
      expect(questions).toHaveLength(2)
    },
  )

  test('with a cipher that keel can’t open is refused with the command that changes it', async () => {
    run('ssh-keygen', [
      '-q',
      '-t',
      'ed25519',
      '-N',
      phrase,
      '-Z',
      'chacha20-poly1305@openssh.com',
      '-C',
      '',
      '-f',
      path('chacha'),
    ])
    const its = run('age', ['-R', path('chacha.pub')], 'value')
    await expect(decryptFile(its, await locked('chacha', typed(phrase).input))).rejects.toMatchObject({
      code: 'identity',
      todo: expect.stringContaining('ssh-keygen -p -Z aes256-ctr -f chacha'),
    })
  })

  test.each([
    ['binary', ''],
    ['armor', '-a'],
  ])('an identity file that `age -p` encrypted (%s)', async (form, flag) => {
    // age asks its terminal for a new passphrase, twice
    run(
      'script',
      ['-qec', `age -p ${flag} -o '${path(form)}' '${path('age1')}'`, '/dev/null'],
      `${phrase}\n${phrase}\n`,
    )
    const { questions, input } = typed('open sesame', phrase)
    const identities = await locked(form, input)
    expect(await decryptFile(run('age', ['-r', recipient('ed25519')], 'x'), identities)).toBeUndefined()
    expect(questions).toEqual([])
    expect(await clear(run('age', ['-r', recipient('age1')], 'value'), identities)).toBe('value')
    expect(questions).toHaveLength(2)
  })
})

test.each([['ecdsa'], ['dsa']])(
  'an OpenSSH key of type %s is refused as an identity and as a recipient',
  async (type) => {
    try {
      run('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', '', '-f', path(type)])
    } catch {
      // OpenSSH 10 has no DSA any more
      expect(type).toBe('dsa')
      return
    }
    await expect(parseIdentities(read(type), type)).rejects.toMatchObject({ code: 'identity' })
    expect(() => parseRecipient(read(`${type}.pub`))).toThrow()
  },
)

test('an OpenSSH key whose two halves do not belong together is refused', async () => {
  run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', path('other')])
  const body = (name: string) => Buffer.from(read(name).replace(/-----.*-----/g, ''), 'base64')
  // magic, cipher, KDF, its options and the number of keys take 39 bytes, the public key's blob 55
  const mixed = Buffer.concat([body('other').subarray(0, 94), body('ed25519').subarray(94)])
  const pem = `-----BEGIN OPENSSH PRIVATE KEY-----\n${mixed.toString('base64')}\n-----END OPENSSH PRIVATE KEY-----\n`
  await expect(parseIdentities(pem, 'mixed')).rejects.toThrow(/belong together/)
})

test('fingerprints are ssh-keygen’s', () => {
  for (const kind of Object.keys(sshKinds)) {
    const [, shown] = run('ssh-keygen', ['-l', '-f', path(`${kind}.pub`)])
      .toString()
      .split(' ')
    expect(fingerprint(parseSshPublicKey(read(`${kind}.pub`)))).toBe(shown)
  }
})

test('OpenSSL takes the CA, its key and that they belong together', () => {
  const ca = makeServerCa(Date.now())
  writeFileSync(path('ca.crt'), ca.certificate)
  writeFileSync(path('ca.key'), ca.key)
  expect(
    run('openssl', ['verify', '-x509_strict', '-check_ss_sig', '-CAfile', path('ca.crt'), path('ca.crt')]).toString(),
  ).toContain('OK')
  const shown = run('openssl', ['x509', '-in', path('ca.crt'), '-noout', '-text']).toString()
  expect(shown).toMatch(/Version: 3/)
  expect(shown).toMatch(/Basic Constraints: critical\s+CA:TRUE/)
  expect(shown).toMatch(/Key Usage: critical\s+Digital Signature, Key Encipherment, Certificate Sign/)
  expect(shown).toMatch(/Subject Key Identifier/)
  run('openssl', ['ec', '-in', path('ca.key'), '-check', '-noout'])
  const fromKey = run('openssl', ['pkey', '-in', path('ca.key'), '-pubout']).toString()
  expect(run('openssl', ['x509', '-in', path('ca.crt'), '-noout', '-pubkey']).toString()).toBe(fromKey)
})
