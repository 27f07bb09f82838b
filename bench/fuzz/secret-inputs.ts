import type { Recipient } from '../../src/model/brands.ts'
import { isArmored } from '../../src/secrets/age/armor.ts'
import { craftedFile } from './crafted-file.ts'
import { mutate, type Random } from './random.ts'
import { LONG_VALUE, secretCorpus, VALUE } from './secret-corpus.ts'

/** Inputs that are nearly right, of the corpus's keys and files. */
export const { pairs, files } = await secretCorpus()
const binaryFiles = files.filter((file) => !isArmored(file))
const fileTexts = files.map((file) => file.toString('latin1'))
const privateTexts = pairs.map(({ privateText }) => privateText)
export const recipients = pairs.map(({ recipient }) => recipient)

/** Made by hand; or changed as text, as bytes behind armor, in its header alone, or as bytes. */
export async function someFile(random: Random, reader = random.pick(recipients)): Promise<Buffer> {
  if (random.chance(2)) return someCraftedFile(random, reader)
  if (random.chance(3)) return latin1(mutate(random, random.pick(fileTexts), fileTexts, AGE_WORDS))
  const text = random.pick(binaryFiles).toString('latin1')
  const end = text.indexOf('\n---') + 1
  const [from, to] = random.chance(2) ? [0, end] : [end, text.length]
  const changed = latin1(
    text.slice(0, from) + mutate(random, text.slice(from, to), fileTexts, AGE_WORDS) + text.slice(to),
  )
  return random.chance(3) ? armored(changed) : changed
}

function armored(file: Buffer): Buffer {
  const lines = file.toString('base64').match(/.{1,64}/g) ?? []
  return Buffer.from(
    ['-----BEGIN AGE ENCRYPTED FILE-----', ...lines, '-----END AGE ENCRYPTED FILE-----', ''].join('\n'),
  )
}

async function someCraftedFile(random: Random, reader: Recipient): Promise<Buffer> {
  const others = Array.from({ length: random.below(2) }, () => random.pick(recipients))
  const to = random.chance(2) ? [reader, ...others] : [...others, reader]
  const value = random.chance(30) ? LONG_VALUE : Buffer.from(VALUE)
  const file = await craftedFile(random, to, value)
  if (random.chance(3)) return latin1(strangelyArmored(random, file))
  return file
}

/** Right armor, and now and then what a program might let pass. */
function strangelyArmored(random: Random, file: Buffer): string {
  const text = armored(file).toString('latin1')
  const space = () =>
    random.pick(['\n', ' \n', '\r\n', '\t', ' ', '\x0b\n', '\xa0', '\n'.repeat(1023), '\n'.repeat(1100), 'x'])
  const tricks = [
    () => text,
    () => text.replaceAll('\n', '\r\n'),
    () => text.trimEnd(),
    () => space() + text,
    () => text + space(),
    () => text.trimEnd() + space(),
    () => text.replace('\n', () => space()),
    () => text.replace('\n-----END', () => `${space()}-----END`),
    () => text.replace(/=*\n-----END/, '\n-----END'),
    () => text.replace(/\n(.{63})(.)\n/, '\n$1\n$2'),
    () => text.replace('AGE', 'Age'),
  ]
  return random.pick(tricks)()
}

export function someKeyLine(random: Random): string {
  const line = random.pick(recipients)
  return random.chance(2) ? mutate(random, line, recipients, KEY_WORDS) : withChangedBlob(random, line)
}

export function somePrivateKey(random: Random, privateText: string): string {
  return random.chance(2) ? mutate(random, privateText, privateTexts, KEY_WORDS) : withChangedPem(random, privateText)
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

const latin1 = (text: string) => Buffer.from(text, 'latin1')

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
  ...[
    '-> scrypt ',
    `-> scrypt ${'A'.repeat(22)} 18\n${'A'.repeat(43)}\n`,
    'age-encryption.org/v1\n',
    'age-encryption.org/v2\n',
  ],
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
