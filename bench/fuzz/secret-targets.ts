import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { guessPeople } from '../../src/agenix/guess-people.ts'
import { bindingsOf } from '../../src/agenix/named-bindings.ts'
import { recipientLines } from '../../src/agenix/rules.ts'
import { secretsNix } from '../../src/agenix/secrets-nix.ts'
import { takeOver } from '../../src/agenix/take-over.ts'
import { describeFault, KeelError } from '../../src/errors.ts'
import { MOST_ROUNDS, readOpenSshContainer } from '../../src/model/keys/openssh-container.ts'
import { parseRecipient } from '../../src/model/keys/recipient.ts'
import { decryptFile, encryptFile, readStanzas } from '../../src/secrets/age/file.ts'
import { BadAgeFile } from '../../src/secrets/age/header.ts'
import { stanzaLabel } from '../../src/secrets/age/stanza-label.ts'
import type { AgeIdentity } from '../../src/secrets/identity/identity.ts'
import { parseIdentities } from '../../src/secrets/identity/parse-identities.ts'
import { isLost } from '../../src/secrets/readers/lost-files.ts'
import { staleness } from '../../src/secrets/readers/staleness.ts'
import { parseRecord } from '../../src/secrets/record.ts'
import { readIdentityFile } from '../../src/ssh/keys/identity-file.ts'
import { agenixForms } from '../../test/support/secrets/agenix-forms.ts'
import { admin, clusterWith, rule } from '../../test/support/secrets/secret-keys.ts'
import { mutate, type Random } from './random.ts'
import { LONG_VALUE, PASSPHRASE, VALUE } from './secret-corpus.ts'
import { files, pairs, recipients, someFile, someKeyLine, somePrivateKey } from './secret-inputs.ts'
import { allowed, type Targets } from './target.ts'

const input = { env: {}, ask: async () => PASSPHRASE }
const readers = pairs.map(({ name, recipient, privateText }) => admin(name, { recipient, privateText }))
const cluster = clusterWith([rule('own', readers)], readers)
const [own = expectRule()] = cluster.secrets
const identities = (
  await Promise.all(
    pairs.map(({ name, privateText }) => parseIdentities(privateText, { source: name, path: name, input })),
  )
).flat()
const privateTexts = pairs.map(({ privateText }) => privateText)
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
  const file = await someFile(random)
  refusedAsBad(() => readStanzas(file))
  refusedAsBad(() => isLost(cluster, file))
  staleness(own, file, undefined, (label) => label)
  await decrypts(file, random.chance(8) ? identities : [random.pick(identities)])
}

/** An accepted file holds what it was made with. */
async function decrypts(file: Uint8Array, using: readonly AgeIdentity[]): Promise<void> {
  try {
    const value = await decryptFile(file, using)
    if (value !== undefined && Buffer.from(value).toString() !== VALUE && !LONG_VALUE.equals(value))
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
  const text = someKeyLine(random)
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

async function privateKey(random: Random): Promise<void> {
  const { name, privateText } = random.pick(pairs)
  const text = somePrivateKey(random, privateText)
  const { rounds = 0 } = readOpenSshContainer(text) ?? {}
  // honest work, 10 to 25 ms a round
  if (rounds > 10 && rounds <= MOST_ROUNDS) return
  const from = { source: name, path: `${name} ${random.below(1e9)}`, input: { env: {}, ask: async () => PASSPHRASE } }
  try {
    const read = await parseIdentities(text, from)
    await decrypts(random.pick(files), read)
    const [recipient] = read.flatMap(({ publicKey }) => publicKey ?? [])
    if (recipient !== undefined)
      await decrypts(await encryptFile(Buffer.from(VALUE), [recipient], { armor: false }), read)
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

/** Any sixteen characters of a private key's lines in a message are too many; the head of its format is public. */
function saysNothingPrivate(fault: Parameters<typeof describeFault>[0]): void {
  const said = describeFault(fault)
  for (const piece of pieces) if (said.includes(piece)) throw new Error(`a message that repeats a private key: ${said}`)
}

const pieces = privateTexts.flatMap((text) =>
  text
    .split('\n')
    .flatMap((line) => (line.startsWith('-') || line.startsWith('#') ? [] : (line.match(/.{16}/g) ?? []).slice(1))),
)

function nix(random: Random): void {
  const texts = random.chance(4) ? [secretsNix(cluster)] : NIX_TEXTS
  const text = mutate(random, random.pick(texts), NIX_TEXTS, NIX_WORDS)
  bindingsOf(`(${text})`)
  const names = [...text.matchAll(/([\w.'-]{1,40}) = "([^"]*)"/g)].map(
    ([, name = '', key = '']) => ({ place: 'let', path: name.split('.'), key }) as const,
  )
  const rules = names.map(({ path, key }) => ({
    file: `${path.at(-1)}.age`,
    keys: recipientLines(key),
    armor: random.chance(2),
  }))
  allowed(() => guessPeople({ rules, names, machines: new Map() }))
  allowed(() => takeOver({ rules, names, machines: new Map() }, random.chance(2)))
}

function record(random: Random): void {
  const right = JSON.stringify({ 'secrets/own.age': { sha256: 'a'.repeat(64), recipients } })
  const text = mutate(
    random,
    right,
    [right],
    ['"', '{', '}', '[', ']', ',', ':', '__proto__', '<<<<<<< ours\n', 'null', '1e999'],
  )
  const read = allowed(() => parseRecord(text))
  for (const entry of Object.values(read ?? {})) staleness(own, random.pick(files), entry, (label) => label)
}

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
