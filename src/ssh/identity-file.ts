import { readFile } from 'node:fs/promises'
import ssh2, { type ParsedKey } from 'ssh2'
import type { HiddenInput } from '../terminal/hidden-input.ts'
import { openWithPassphrase } from '../terminal/passphrase.ts'
import { publicLine } from './host-key.ts'

/** A key that can log in: its public half is known, its private half may be asked for only when a host would accept it. */
export interface Identity {
  /** `ssh-ed25519 AAAA…` */
  readonly publicKey: string
  /** For messages: a file's path, or `ssh-agent (comment)`. */
  readonly from: string
  /** Signs with `hash` (RSA: sha256 or sha512; absent for Ed25519), as the SSH wire wants it, without the algorithm's name. */
  sign(bytes: Buffer, hash: string | undefined): Promise<Buffer>
}

/** What a file turned out to hold: `public` names a key whose private half is with the agent, `foreign` is for another purpose (an age identity). */
export type IdentityFile =
  | { readonly kind: 'identity'; readonly identity: Identity }
  | { readonly kind: 'public'; readonly publicKey: string }
  | { readonly kind: 'foreign' }
  | { readonly kind: 'unusable'; readonly why: string }

/**
 * Reads an OpenSSH or PEM private key. An encrypted one is decrypted at its first signature, once.
 * @throws what `readFile` throws
 */
export async function readIdentityFile(path: string, input: HiddenInput): Promise<IdentityFile> {
  const text = await readFile(path, 'utf8')
  if (text.includes('AGE-SECRET-KEY-')) return { kind: 'foreign' }
  const sealed = sealedPublicKey(text)
  if (sealed !== undefined) {
    let opened: Promise<ParsedKey> | undefined
    const open = () => {
      opened ??= unseal(path, text, input)
      return opened
    }
    return {
      kind: 'identity',
      identity: { publicKey: sealed, from: path, sign: async (bytes, hash) => signature(await open(), bytes, hash) },
    }
  }
  const key = parse(text)
  if (key instanceof Error) {
    const why = /ENCRYPTED/.test(text)
      ? 'encrypted in the old PEM form, which hides its public half; `ssh-keygen -p -f` with it converts it'
      : key.message
    return { kind: 'unusable', why }
  }
  const publicKey = publicLine(key.getPublicSSH())
  if (!key.isPrivateKey()) return { kind: 'public', publicKey }
  return { kind: 'identity', identity: { publicKey, from: path, sign: async (bytes, hash) => signature(key, bytes, hash) } }
}

function unseal(path: string, text: string, input: HiddenInput): Promise<ParsedKey> {
  return openWithPassphrase(input, path, (passphrase) => {
    const key = parse(text, passphrase)
    return key instanceof Error ? undefined : key
  })
}

/** ssh2 answers with a list for OpenSSH's format, which its types don't say; the format holds one key today. */
function parse(text: string, passphrase?: string): ParsedKey | Error {
  const parsed: ParsedKey | Error | readonly ParsedKey[] = ssh2.utils.parseKey(text, passphrase)
  return Array.isArray(parsed) ? (parsed[0] ?? new Error('no key in it')) : parsed
}

function signature(key: ParsedKey, bytes: Buffer, hash: string | undefined): Buffer {
  const made: Buffer | Error = key.sign(bytes, hash)
  if (made instanceof Error) throw made
  return made
}

/**
 * The public half of an encrypted OpenSSH key, which stands in it in clear (OpenSSH's PROTOCOL.key: magic, cipher, kdf, kdf options, number of keys,
 * public key). Undefined for anything else.
 */
function sealedPublicKey(text: string): string | undefined {
  const armored = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]+?)-----END OPENSSH PRIVATE KEY-----/.exec(text)?.[1]
  if (armored === undefined) return undefined
  const bytes = Buffer.from(armored, 'base64')
  const magic = 'openssh-key-v1\0'
  if (bytes.toString('latin1', 0, magic.length) !== magic) return undefined
  let at = magic.length
  const next = () => {
    const length = at + 4 <= bytes.length ? bytes.readUInt32BE(at) : 0
    const field = bytes.subarray(at + 4, at + 4 + length)
    at += 4 + length
    return field
  }
  const cipher = next().toString()
  next()
  next()
  at += 4
  const blob = next()
  return cipher === 'none' || blob.length < 4 ? undefined : publicLine(blob)
}
