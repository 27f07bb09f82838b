import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { guessPeople } from '../../src/agenix/guess-people.ts'
import { readAgenixRules } from '../../src/agenix/rules.ts'
import { secretsNix } from '../../src/agenix/secrets-nix.ts'
import { takeOver } from '../../src/agenix/take-over.ts'
import { Unreadable } from '../../src/agenix/unreadable.ts'
import { describeFault, KeelError } from '../../src/errors.ts'
import { MOST_ROUNDS, readOpenSshContainer } from '../../src/model/openssh-container.ts'
import { parseRecipient } from '../../src/model/recipient.ts'
import { isArmored } from '../../src/secrets/age/armor.ts'
import { decryptFile, encryptFile, readStanzas } from '../../src/secrets/age/file.ts'
import { BadAgeFile } from '../../src/secrets/age/header.ts'
import { stanzaLabel } from '../../src/secrets/age/stanza-label.ts'
import type { AgeIdentity } from '../../src/secrets/identity/identity.ts'
import { parseIdentities } from '../../src/secrets/identity/parse-identities.ts'
import { isLost } from '../../src/secrets/lost-files.ts'
import { parseRecord } from '../../src/secrets/record.ts'
import { staleness } from '../../src/secrets/staleness.ts'
import { readIdentityFile } from '../../src/ssh/identity-file.ts'
import { admin, clusterWith, rule } from '../../test/fast/secrets/keys.ts'
import { agenixForms } from '../../test/support/agenix-forms.ts'
import { mutate, type Random } from './random.ts'
import { PASSPHRASE, secretCorpus, VALUE } from './secret-corpus.ts'
import { allowed, type Targets } from './target.ts'

const { pairs, files } = await secretCorpus()
const input = { env: {}, ask: async () => PASSPHRASE }
const readers = pairs.map(({ name, recipient, privateText }) => admin(name, { recipient, privateText }))
const cluster = clusterWith([rule('own', readers)], readers)
const [own = expectRule()] = cluster.secrets
const identities = (
  await Promise.all(pairs.map(({ name, privateText }) => parseIdentities(privateText, { source: name, path: name, input })))
).flat()
const binaryFiles = files.filter((file) => !isArmored(file))
const fileTexts = files.map((file) => file.toString('latin1'))
const privateTexts = pairs.map(({ privateText }) => privateText)
const recipients = pairs.map(({ recipient }) => recipient)
/** A folder in memory where there is one: an input a file. */
const folder = mkdtempSync(join(process.platform === 'linux' ? '/dev/shm' : tmpdir(), 'keel-fuzz-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

export const secretTargets: Targets = [
  ['age files', 40, ageFile],
  ['public keys', 22, publicKey],
  ['private keys', 20, privateKey],
  ['secrets.nix', 15, nix],
  ['records of recipients', 3, record],
]

function expectRule(): never {
  throw new Error('a cluster without its secret')
}

async function ageFile(random: Random): Promise<void> {
  const file = someFile(random)
  refusedAsBad(() => readStanzas(file))
  refusedAsBad(() => isLost(cluster, file))
  staleness(own, file, undefined, (label) => label)
  await decrypts(file, random.chance(8) ? identities : [random.pick(identities)])
}

/** Changed as text, as bytes behind armor, in its header alone, or as bytes. */
function someFile(random: Random): Buffer {
  if (random.chance(3)) return latin1(mutate(random, random.pick(fileTexts), fileTexts, AGE_WORDS))
  const text = random.pick(binaryFiles).toString('latin1')
  const end = text.indexOf('\n---') + 1
  const [from, to] = random.chance(2) ? [0, end] : [end, text.length]
  const changed = latin1(text.slice(0, from) + mutate(random, text.slice(from, to), fileTexts, AGE_WORDS) + text.slice(to))
  return random.chance(3) ? armored(changed) : changed
}

function armored(file: Buffer): Buffer {
  const lines = file.toString('base64').match(/.{1,64}/g) ?? []
  return Buffer.from(['-----BEGIN AGE ENCRYPTED FILE-----', ...lines, '-----END AGE ENCRYPTED FILE-----', ''].join('\n'))
}

/** An accepted file holds what it was made with. */
async function decrypts(file: Uint8Array, using: readonly AgeIdentity[]): Promise<void> {
  try {
    const value = await decryptFile(file, using)
    const text = value === undefined ? '' : Buffer.from(value).toString()
    if (value !== undefined && text !== VALUE && text !== Buffer.alloc(70_000, VALUE).toString())
      throw new Error(`a file that holds something else: ${Buffer.from(file).toString('base64')}`)
  } catch (error) {
    if (error instanceof BadAgeFile) return
    if (!(error instanceof KeelError)) throw error
    saysNothingPrivate(error)
  }
}

function refusedAsBad(read: () => unknown): void {
  try {
    read()
  } catch (error) {
    if (!(error instanceof BadAgeFile)) throw error
  }
}

async function publicKey(random: Random): Promise<void> {
  const line = random.pick(recipients)
  const text = random.chance(2) ? mutate(random, line, recipients, KEY_WORDS) : withChangedBlob(random, line)
  const recipient = allowed(() => parseRecipient(text))
  if (recipient === undefined) return
  if (parseRecipient(recipient) !== recipient) throw new Error(`read twice it is another: ${text}`)
  stanzaLabel(recipient)
  try {
    readStanzas(await encryptFile(Buffer.from(VALUE), [recipient], { armor: random.chance(2) }))
  } catch (error) {
    if (!(error instanceof KeelError)) throw error
    describeFault(error)
  }
}

/** The same line with other bytes in its blob, so that more than the base64 is tried. */
function withChangedBlob(random: Random, line: string): string {
  const [type = '', base64] = line.split(' ')
  if (base64 === undefined) return mutate(random, line, recipients, KEY_WORDS)
  return `${type} ${changedBytes(random, base64).toString('base64')}`
}

function changedBytes(random: Random, base64: string): Buffer {
  const bytes = Buffer.from(base64, 'base64').toString('latin1')
  const at = random.below(bytes.length)
  // a length, a count, a number: the same place, another byte
  if (random.chance(2)) return latin1(bytes.slice(0, at) + String.fromCharCode(random.below(256)) + bytes.slice(at + 1))
  return latin1(mutate(random, bytes, [bytes], BLOB_WORDS))
}

async function privateKey(random: Random): Promise<void> {
  const { name, privateText } = random.pick(pairs)
  const text = random.chance(2) ? mutate(random, privateText, privateTexts, KEY_WORDS) : withChangedPem(random, privateText)
  const { rounds = 0 } = readOpenSshContainer(text) ?? {}
  // honest work, 10 to 25 ms a round
  if (rounds > 10 && rounds <= MOST_ROUNDS) return
  const from = { source: name, path: `${name} ${random.below(1e9)}`, input: { env: {}, ask: async () => PASSPHRASE } }
  try {
    const read = await parseIdentities(text, from)
    await decrypts(random.pick(files), read)
    const [recipient] = read.flatMap(({ publicKey }) => publicKey ?? [])
    if (recipient !== undefined) await decrypts(await encryptFile(Buffer.from(VALUE), [recipient], { armor: false }), read)
  } catch (error) {
    if (!(error instanceof KeelError)) throw error
    saysNothingPrivate(error)
  }
  if (random.chance(4)) await logsIn(text)
}

async function logsIn(text: string): Promise<void> {
  const path = join(folder, 'key')
  writeFileSync(path, text)
  const file = await readIdentityFile(path, input)
  if (file.kind === 'unusable') saysNothingPrivate({ code: '', found: file.why })
}

function withChangedPem(random: Random, text: string): string {
  const [whole, head = '', base64 = '', foot = ''] =
    /^(-----BEGIN [^\n]*\n(?:[\w-]+: [^\n]*\n|\n)*)([^-]*)(-----END[\s\S]*)$/.exec(text) ?? []
  if (whole === undefined) return mutate(random, text, privateTexts, KEY_WORDS)
  const lines =
    changedBytes(random, base64)
      .toString('base64')
      .match(/.{1,70}/g) ?? []
  return `${head}${lines.join('\n')}\n${foot}`
}

/** Any sixteen characters of a private key's lines in a message are too many; the head of its format is public. */
function saysNothingPrivate(fault: Parameters<typeof describeFault>[0]): void {
  const said = describeFault(fault)
  for (const piece of pieces) if (said.includes(piece)) throw new Error(`a message that repeats a private key: ${said}`)
}

const pieces = privateTexts.flatMap((text) =>
  text.split('\n').flatMap((line) => (line.startsWith('-') || line.startsWith('#') ? [] : (line.match(/.{16}/g) ?? []).slice(1))),
)

function nix(random: Random): void {
  const texts = random.chance(4) ? [secretsNix(cluster)] : NIX_TEXTS
  const text = mutate(random, random.pick(texts), NIX_TEXTS, NIX_WORDS)
  const read = () => ({ text: random.pick(NIX_TEXTS), read })
  try {
    const repository = readAgenixRules(text, read)
    allowed(() => guessPeople(repository))
    allowed(() => takeOver(repository, random.chance(2)))
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
  }
}

function record(random: Random): void {
  const right = JSON.stringify({ 'secrets/own.age': { sha256: 'a'.repeat(64), recipients } })
  const text = mutate(random, right, [right], ['"', '{', '}', '[', ']', ',', ':', '__proto__', '<<<<<<< ours\n', 'null', '1e999'])
  const read = allowed(() => parseRecord(text))
  for (const entry of Object.values(read ?? {})) staleness(own, random.pick(files), entry, (label) => label)
}

const latin1 = (text: string) => Buffer.from(text, 'latin1')

const NIX_TEXTS = [
  ...agenixForms.map(({ text }) => text),
  `let me = "${recipients[0]}"; ocean = "${recipients[1]} root@ocean"; in { "k3s-server-token.age".publicKeys = [ me ocean ]; "other.age".publicKeys = [ me ]; }`,
]

const NIX_WORDS = [
  ...[
    'let ',
    ' in ',
    'with ',
    'rec ',
    'inherit ',
    'import ./x.nix ',
    'builtins.',
    'attrValues',
    'concatLists',
    'or ',
    'null',
    'true',
  ],
  ...[
    '{',
    '}',
    '[',
    ']',
    '(',
    ')',
    '=',
    ';',
    '.',
    '++',
    '//',
    '"',
    "''",
    '$' + '{',
    '\\',
    '#',
    '/*',
    '*/',
    '\n',
    ':',
    '?',
    '@',
    ',',
  ],
  ...[
    '"x.age".publicKeys = ',
    'publicKeys',
    'armor = true;',
    'a',
    'b',
    'a = a;',
    'systems',
    'root@ocean',
    '__proto__',
    'toString',
    '../',
  ],
  ...recipients.slice(0, 3),
]

const AGE_WORDS = [
  ...[
    '\n',
    '\r\n',
    ' ',
    '-> ',
    '--- ',
    '---',
    '-> X25519 ',
    '-> ssh-ed25519 ',
    '-> ssh-rsa ',
    '-> mlkem768x25519 ',
    '-> x-grease ',
  ],
  ...['-> scrypt ', `-> scrypt ${'A'.repeat(22)} 18\n${'A'.repeat(43)}\n`, 'age-encryption.org/v1\n', 'age-encryption.org/v2\n'],
  ...['=', '==', 'A', 'A'.repeat(43), 'A'.repeat(64), '\0', '\x7f', '\xff', '\xa0', '\t'],
  ...['-----BEGIN AGE ENCRYPTED FILE-----\n', '-----END AGE ENCRYPTED FILE-----\n'],
]

const KEY_WORDS = [
  ...[
    'ssh-ed25519 ',
    'ssh-rsa ',
    'ecdsa-sha2-nistp256 ',
    'sk-ssh-ed25519@openssh.com ',
    'ssh-ed25519-cert-v01@openssh.com ',
    'age1',
    'age1pq1',
  ],
  ...[
    'AGE-SECRET-KEY-1',
    'AGE-SECRET-KEY-PQ-1',
    'AGE-PLUGIN-YUBIKEY-1',
    '# ',
    '\n',
    '\r\n',
    ' ',
    '=',
    '==',
    'A',
    'AAAA',
    '\0',
    'é',
  ],
  ...[
    '-----BEGIN OPENSSH PRIVATE KEY-----\n',
    '-----END OPENSSH PRIVATE KEY-----\n',
    '-----BEGIN RSA PRIVATE KEY-----\n',
    'RSA ',
    'EC ',
  ],
  ...[
    '-----BEGIN ENCRYPTED PRIVATE KEY-----\n',
    'Proc-Type: 4,ENCRYPTED\n',
    'DEK-Info: AES-128-CBC,00\n',
    'DEK-Info: DES-CBC,\n',
  ],
]

const BLOB_WORDS = [
  ...[
    '\0\0\0\0',
    '\0\0\0\x01',
    '\0\0\0\x20',
    '\xff\xff\xff\xff',
    '\x7f\xff\xff\xff',
    '\0\0\0\x04none',
    '\0\0\0\x06bcrypt',
    '\0\0\0\x0aaes256-ctr',
  ],
  ...['\0\0\0\x0bssh-ed25519', '\0\0\0\x07ssh-rsa', '\x30\x82', '\x02\x01\0', '\x02\x82\x01\x01', '\xff', '\0'],
]
