import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseRecipient } from '../../../src/model/keys/recipient.ts'
import { decryptFile, encryptFile } from '../../../src/secrets/age/file.ts'
import { parseIdentities } from '../../../src/secrets/identity/parse-identities.ts'
import { newKey, run } from '../../support/secrets/secret-keys.ts'

/**
 * Debian 12's age knows no post-quantum keys: these are the first programs that do, built once by Go from its module
 * proxy.
 */
const AGE = 'v1.3.1'
const programs = new URL(`../../../node_modules/.cache/age-${AGE}`, import.meta.url).pathname
const directory = mkdtempSync(join(tmpdir(), 'keel-pq-'))
const path = (name: string) => join(directory, name)
const age = (args: readonly string[], input?: string | Uint8Array) => run(join(programs, 'age'), args, input)

beforeAll(() => {
  mkdirSync(programs, { recursive: true })
  const modules = ['age', 'age-keygen'].map((name) => `filippo.io/age/cmd/${name}@${AGE}`)
  run('env', [`GOBIN=${programs}`, 'GOFLAGS=-mod=mod', 'go', 'install', ...modules])
  run(join(programs, 'age-keygen'), ['-pq', '-o', path('key')])
})
afterAll(() => rmSync(directory, { recursive: true }))

const ours = () => parseIdentities(readFileSync(path('key')), 'key')
const recipient = () => parseRecipient(run(join(programs, 'age-keygen'), ['-y', path('key')]).toString())

test('an identity’s recipient is the one that age-keygen shows', async () => {
  expect((await ours()).map(({ publicKey }) => publicKey)).toEqual([recipient()])
})

test.each([
  ['binary', false],
  ['armor', true],
])('what keel encrypts to a post-quantum recipient, age decrypts, and the other way round: %s', async (_, armor) => {
  const file = await encryptFile(Buffer.from('from keel'), [recipient()], { armor })
  expect(age(['-d', '-i', path('key')], file).toString()).toBe('from keel')
  const theirs = age([...(armor ? ['-a'] : []), '-r', recipient()], 'from age')
  expect(Buffer.from((await decryptFile(theirs, await ours())) ?? []).toString()).toBe('from age')
})

test('beside a host’s SSH key, which age reads and would not write', async () => {
  const host = newKey('ssh-ed25519')
  const file = await encryptFile(Buffer.from('both'), [recipient(), host.recipient], { armor: false })
  expect(age(['-d', '-i', path('key')], file).toString()).toBe('both')
  expect(() => age(['-r', recipient(), '-r', host.recipient], 'both')).toThrow()
})

test('another post-quantum identity opens nothing', async () => {
  run(join(programs, 'age-keygen'), ['-pq', '-o', path('other')])
  const others = await parseIdentities(readFileSync(path('other')), 'other')
  expect(await decryptFile(age(['-r', recipient()], 'x'), others)).toBeUndefined()
})
