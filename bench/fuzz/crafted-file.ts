import { createCipheriv, createHmac } from 'node:crypto'
import type { Recipient } from '../../src/model/brands.ts'
import { hkdf } from '../../src/secrets/age/file-key.ts'
import { ageRecipient } from '../../src/secrets/age/recipient.ts'
import { encodeBase64 } from '../../src/secrets/age/stanza.ts'
import type { Random } from './random.ts'

const NONE = new Uint8Array()
const CHUNK = 65536

/**
 * An age file whose MAC and chunks are right whatever its header says: what a mutated file never gets as far as. Its
 * header is sound, or off by a little; its payload is one of those that the specification forbids, at times.
 */
export async function craftedFile(random: Random, recipients: readonly Recipient[], value: Buffer): Promise<Buffer> {
  const fileKey = randomBytes(random, random.chance(20) ? 15 + random.below(3) : 16)
  const stanzas = (
    await Promise.all(recipients.map(async (recipient) => (await ageRecipient(recipient)).wrapFileKey(fileKey)))
  ).flat()
  const texts = stanzas.map(({ args, body }) => stanzaText(args, body))
  for (let more = random.below(3); more > 0; more--)
    texts.splice(random.below(texts.length + 1), 0, strangeStanza(random, texts))
  const header = off(random, `age-encryption.org/v1\n${texts.join('')}---`)
  const mac = createHmac('sha256', hkdf(fileKey, NONE, 'header'))
    .update(header, 'latin1')
    .digest()
  const nonce = randomBytes(random, 16)
  const payload = stream(random, hkdf(fileKey, nonce, 'payload'), value)
  return Buffer.concat([Buffer.from(`${header} ${off(random, encodeBase64(mac))}\n`, 'latin1'), nonce, payload])
}

function stanzaText(args: readonly string[], body: Uint8Array): string {
  // the last line is short, and empty behind a body of full lines
  return `-> ${args.join(' ')}\n${lines(encodeBase64(body))}\n`
}

const lines = (base64: string) => base64.replace(/.{64}/g, '$&\n')

/** One that no identity knows, or a copy of one that it does. */
function strangeStanza(random: Random, others: readonly string[]): string {
  if (random.chance(3)) return random.pick(others)
  const type = random.pick([
    'x-grease',
    'X25519',
    'ssh-ed25519',
    'ssh-rsa',
    'mlkem768x25519',
    'piv-p256',
    'x',
    '!',
    '~"#',
    'scrypt',
  ])
  const args = Array.from({ length: random.below(3) }, () => random.pick(['AAAA', 'a', '0', '!~', '-', 'A'.repeat(43)]))
  return stanzaText([type, ...args], randomBytes(random, random.pick([0, 1, 31, 32, 47, 48, 49, 96, 200])))
}

/** One time in three something small is wrong with the text. */
function off(random: Random, text: string): string {
  if (!random.chance(3)) return text
  const at = random.below(text.length + 1)
  const end = at + random.below(3)
  const insert = random.pick([
    '',
    ' ',
    '\n',
    '\r',
    '\r\n',
    '=',
    '==',
    '-',
    'A',
    'B',
    '/',
    '\t',
    '\x7f',
    '\0',
    '\xe9',
    '-> ',
    '-> x\n\n',
    '\n\n',
    '---\n',
  ])
  return text.slice(0, at) + insert + text.slice(end)
}

/** C2SP age specification, "Payload": chunks of 64 KiB, each with its number and whether it is the last. */
function stream(random: Random, key: Uint8Array, value: Buffer): Buffer {
  const chunks =
    value.length === 0
      ? [value]
      : Array.from({ length: Math.ceil(value.length / CHUNK) }, (_, n) => value.subarray(n * CHUNK, (n + 1) * CHUNK))
  const trick = random.pick([
    'none',
    'none',
    'none',
    'none',
    'an empty last one',
    'no last one',
    'two last ones',
    'a short one',
    'something behind',
    'nothing',
  ])
  const sealed = (bytes: Uint8Array, index: number, last: boolean) => {
    const nonce = Buffer.alloc(12)
    nonce.writeUInt32BE(index, 7)
    nonce[11] = last ? 1 : 0
    const cipher = createCipheriv('chacha20-poly1305', key, nonce, { authTagLength: 16 })
    return Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()])
  }
  if (trick === 'nothing') return Buffer.alloc(random.below(17))
  if (trick === 'a short one') chunks.unshift(Buffer.from('short'))
  if (trick === 'an empty last one') chunks.push(Buffer.alloc(0))
  if (trick === 'two last ones') chunks.push(Buffer.from('more'))
  const isLast = (index: number) =>
    trick === 'no last one'
      ? false
      : index === chunks.length - 1 || (trick === 'two last ones' && index === chunks.length - 2)
  const all = chunks.map((chunk, index) => sealed(chunk, index, isLast(index)))
  return Buffer.concat(trick === 'something behind' ? [...all, Buffer.from([0])] : all)
}

function randomBytes(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random.below(256)))
}
