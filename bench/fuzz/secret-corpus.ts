import { generateKeyPairSync } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import ssh2 from 'ssh2'
import type { Recipient } from '../../src/model/brands.ts'
import { parseRecipient } from '../../src/model/keys/recipient.ts'
import { encryptFile } from '../../src/secrets/age/file.ts'
import { newKey, sshLine } from '../../test/support/secrets/secret-keys.ts'

/** A key pair as somebody may have it; all passphrases are the same. */
interface Pair {
  readonly name: string
  readonly recipient: Recipient
  readonly privateText: string
}

export interface SecretCorpus {
  readonly pairs: readonly Pair[]
  /** Age files of `VALUE`, binary and armored, each to some of the pairs. */
  readonly files: readonly Buffer[]
}

export const VALUE = 'K10…::server:what nobody may read'
/** A chunk and some. */
export const LONG_VALUE = Buffer.alloc(70_000, VALUE)
export const PASSPHRASE = 'open barley'

/** Made once: an input that fails is made again by its seed only while keys and files stay the same. */
const cache = new URL('../../node_modules/.cache/keel-fuzz/corpus-2.json', import.meta.url).pathname

export async function secretCorpus(): Promise<SecretCorpus> {
  if (!existsSync(cache)) await save(await makeCorpus())
  const { pairs, files }: { pairs: Pair[]; files: string[] } = JSON.parse(readFileSync(cache, 'utf8'))
  return { pairs, files: files.map((file) => Buffer.from(file, 'base64')) }
}

/** By rename: several runs may start at once. */
async function save({ pairs, files }: SecretCorpus): Promise<void> {
  mkdirSync(dirname(cache), { recursive: true })
  const fresh = `${cache}-${process.pid}`
  writeFileSync(fresh, JSON.stringify({ pairs, files: files.map((file) => file.toString('base64')) }))
  renameSync(fresh, cache)
}

async function makeCorpus(): Promise<SecretCorpus> {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = (options: object) => String(rsa.privateKey.export({ format: 'pem', type: 'pkcs1', ...options }))
  const rsaLine = parseRecipient(sshLine(rsa.publicKey))
  const pairs: Pair[] = [
    openSsh('ed25519', {}),
    openSsh('rsa', { bits: 2048 }),
    openSsh('ed25519', { passphrase: PASSPHRASE, cipher: 'aes256-ctr', rounds: 1 }),
    openSsh('ed25519', { passphrase: PASSPHRASE, cipher: 'aes256-gcm@openssh.com', rounds: 1 }),
    { name: 'RSA as PKCS#1', recipient: rsaLine, privateText: pem({}) },
    { name: 'RSA as PKCS#8', recipient: rsaLine, privateText: pem({ type: 'pkcs8' }) },
    {
      name: 'RSA with a passphrase',
      recipient: rsaLine,
      privateText: pem({ cipher: 'aes-128-cbc', passphrase: PASSPHRASE }),
    },
    {
      name: 'RSA as PKCS#8 with a passphrase',
      recipient: rsaLine,
      privateText: pem({ type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: PASSPHRASE }),
    },
    ...(['ssh-ed25519', 'age1', 'age1pq1'] as const).map((kind) => ({ name: kind, ...newKey(kind) })),
  ]
  const one = (recipient: Recipient, armor: boolean) => encryptFile(Buffer.from(VALUE), [recipient], { armor })
  const recipients = [...new Set(pairs.map(({ recipient }) => recipient))]
  const alone = await Promise.all(recipients.flatMap((recipient) => [one(recipient, false), one(recipient, true)]))
  const all = await encryptFile(Buffer.from(VALUE), recipients, { armor: false })
  const long = await encryptFile(LONG_VALUE, recipients.slice(0, 1), { armor: false })
  return { pairs, files: [...alone, all, long].map((file) => Buffer.from(file)) }
}

/**
 * ssh2 makes what ssh-keygen makes; its ed25519 generator drops a leading zero byte of either half, and such a key is
 * made again.
 */
function openSsh(kind: 'ed25519' | 'rsa', options: object): Pair {
  for (;;) {
    const { public: line, private: privateText } = ssh2.utils.generateKeyPairSync(kind, options as never)
    const isWhole = kind !== 'ed25519' || Buffer.from(line.split(' ')[1] ?? '', 'base64').length === 51
    if (isWhole)
      return { name: `OpenSSH ${kind} ${JSON.stringify(options)}`, recipient: parseRecipient(line), privateText }
  }
}
