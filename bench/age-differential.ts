/**
 * keel beside the `age` program on COUNT inputs that are nearly right: age files, private keys and public keys:
 * `node bench/age-differential.ts COUNT [SEED] [AGE]`. Ends with 1 at the first input that keel takes and age refuses,
 * or that they read differently, except for what JUDGED excuses with a reason. What keel refuses and age takes is no
 * danger, and is listed by what keel says. An `age` of 1.3 or later gets post-quantum keys too.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { KeelError } from '../src/errors.ts'
import { isPostQuantum, parseRecipient } from '../src/model/keys/recipient.ts'
import { decryptFile, encryptFile, readStanzas } from '../src/secrets/age/file.ts'
import { BadAgeFile } from '../src/secrets/age/header.ts'
import { parseIdentities } from '../src/secrets/identity/parse-identities.ts'
import { type Random, randomFrom } from './fuzz/random.ts'
import { LONG_VALUE, VALUE } from './fuzz/secret-corpus.ts'
import { pairs, someFile, someKeyLine, somePrivateKey } from './fuzz/secret-inputs.ts'

const [count = 2000, seed = Math.floor(Math.random() * 2 ** 31)] = process.argv.slice(2, 4).map(Number)
const age = process.argv[4] ?? 'age'
const isModern = !/^v?(0|1\.[0-2])\./.test(spawnSync(age, ['--version'], { encoding: 'utf8' }).stdout)
const folder = mkdtempSync(join(process.platform === 'linux' ? '/dev/shm' : tmpdir(), 'keel-differential-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

/** What one of the two made of an input. */
type Outcome = { readonly took: string } | { readonly refused: string }

interface Compared {
  readonly input: Uint8Array | string
  readonly keel: Outcome
  readonly age: Outcome
}

/**
 * What keel takes and the program refuses, each with the reason why that is right. What is read is the right value even
 * so.
 */
const JUDGED: readonly {
  readonly why: string
  readonly excuses: (name: string, input: string, said: string) => boolean
}[] = [
  {
    why: 'white space before armor, which the specification allows; age’s command line looks at the first bytes',
    excuses: (name, input) => name === 'age files' && /^[ \t\v\f\r]*\n[\s\S]*-----BEGIN AGE/.test(input),
  },
  {
    why: 'damaged in a part that decryption needs not: RSA’s numbers that follow from others, a copy of the public half',
    excuses: (name, _, said) => name === 'private keys' && /malformed SSH identity|no identity matched/.test(said),
  },
]

const kinds: readonly (readonly [name: string, share: number, compare: (random: Random) => Promise<Compared>])[] = [
  ['age files', 60, compareFile],
  ['private keys', 20, comparePrivateKey],
  ['public keys', 20, comparePublicKey],
]
/** Those that `age` takes without asking for a passphrase. */
const usable = pairs.filter(
  ({ name, recipient }) => !/passphrase/.test(name) && (isModern || !isPostQuantum(recipient)),
)

const totals = { inputs: 0, both: 0, neither: 0 }
const listed = new Map<string, number>()
const started = performance.now()
for (let index = 0; index < count; index++) {
  const random = randomFrom(seed ^ Math.imul(index, 0x9e3779b1))
  const [name, compare] = choose(random)
  judge(`input ${index} (${name})`, name, await compare(random))
}
const seconds = ((performance.now() - started) / 1000).toFixed(1)
for (const [what, times] of [...listed].toSorted()) process.stdout.write(`${times} × ${what}\n`)
process.stdout.write(
  `${totals.inputs} inputs in ${seconds} s, seed ${seed}: both took ${totals.both}, both refused ${totals.neither}, no wrong one taken\n`,
)

function choose(random: Random): readonly [string, (random: Random) => Promise<Compared>] {
  let left = random.below(100)
  for (const [name, share, compare] of kinds) {
    if (left < share) return [name, compare]
    left -= share
  }
  throw new Error('the shares do not add up to 100')
}

function judge(what: string, name: string, { input, keel, age }: Compared): void {
  totals.inputs++
  if ('took' in keel && 'took' in age) {
    if (keel.took !== age.took) fail(what, 'they read it differently', input)
    totals.both++
  } else if ('refused' in keel && 'refused' in age) totals.neither++
  else if ('refused' in keel) list(`${name} that age takes and keel refuses: ${keel.refused}`)
  else if ('refused' in age) {
    const text = Buffer.from(input).toString('latin1')
    const judged = JUDGED.find(({ excuses }) => excuses(name, text, age.refused))
    if (judged === undefined) fail(what, `keel takes it, age refuses it: ${age.refused}`, input)
    list(`${name} that keel takes and age refuses: ${judged.why}`)
  }
}

function list(what: string): void {
  listed.set(what, (listed.get(what) ?? 0) + 1)
}

function fail(what: string, why: string, input: Uint8Array | string): never {
  process.stdout.write(`seed ${seed}: ${what}: ${why}\n${Buffer.from(input).toString('base64')}\n`)
  process.exit(1)
}

async function compareFile(random: Random): Promise<Compared> {
  const { name, privateText, recipient } = random.pick(usable)
  const file = await someFile(random, random.chance(10) ? undefined : recipient)
  return { input: file, keel: await decryptedByKeel(file, privateText, name), age: decryptedByAge(file, privateText) }
}

async function comparePrivateKey(random: Random): Promise<Compared> {
  const { name, privateText, recipient } = random.pick(usable)
  const text = somePrivateKey(random, privateText)
  const file = Buffer.from(await encryptFile(Buffer.from(VALUE), [recipient], { armor: false }))
  return { input: text, keel: await decryptedByKeel(file, text, name), age: decryptedByAge(file, text) }
}

/** The same key, that is: a reader of what `age` encrypts can read what keel encrypts. */
async function comparePublicKey(random: Random): Promise<Compared> {
  const text = someKeyLine(random)
  // an older program looks for a plugin of that name
  if (!isModern && /age1pq1/i.test(text)) return comparePublicKey(random)
  const path = join(folder, 'recipients')
  writeFileSync(path, text)
  const byAge = run(['-R', path], VALUE)
  return {
    input: text,
    keel: await outcome(async () =>
      whose(await encryptFile(Buffer.from(VALUE), [parseRecipient(text)], { armor: false })),
    ),
    age: 'took' in byAge ? { took: whose(byAge.took) } : byAge,
  }
}

/** As far as a file says: the type of each stanza, and the tag of an SSH key. */
function whose(file: Uint8Array): string {
  return readStanzas(file)
    .map(({ args: [type = '', tag = ''] }) => (type.startsWith('ssh-') ? `${type} ${tag}` : type))
    .join(', ')
}

function decryptedByKeel(file: Uint8Array, privateText: string, name: string): Promise<Outcome> {
  return outcome(async () => {
    const value = await decryptFile(file, await parseIdentities(privateText, name))
    if (value === undefined) throw new BadAgeFile('is encrypted to somebody else')
    if (Buffer.from(value).toString() !== VALUE && !LONG_VALUE.equals(value))
      fail(name, 'keel reads something else', file)
    return Buffer.from(value).toString('base64')
  })
}

async function outcome(attempt: () => Promise<string>): Promise<Outcome> {
  try {
    return { took: await attempt() }
  } catch (error) {
    if (error instanceof KeelError) return { refused: `${error.found}; ${error.why ?? ''}` }
    if (error instanceof BadAgeFile) return { refused: error.message }
    throw error
  }
}

function decryptedByAge(file: Uint8Array, privateText: string): Outcome {
  const path = join(folder, 'key')
  writeFileSync(path, privateText)
  const value = run(['-d', '-i', path], file)
  return 'took' in value ? { took: value.took.toString('base64') } : value
}

function run(
  args: readonly string[],
  input: Uint8Array | string,
): { readonly took: Buffer } | { readonly refused: string } {
  const { status, stdout, stderr, error } = spawnSync(age, args, { input, timeout: 20_000 })
  if (error !== undefined && !('code' in error && error.code === 'EPIPE')) throw error
  return status === 0 ? { took: stdout } : { refused: stderr.toString().slice(0, 300) }
}
