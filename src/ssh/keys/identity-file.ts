import { readFile } from 'node:fs/promises'
import ssh2, { type ParsedKey } from 'ssh2'
import { MOST_ROUNDS, readOpenSshContainer } from '../../model/keys/openssh-container.ts'
import type { HiddenInput } from '../../terminal/hidden-input.ts'
import { openWithPassphrase } from '../../terminal/passphrase.ts'
import { publicLine } from './host-key.ts'

/** A key that can log in. Its public half is known. keel asks for its private half only if a host would accept it. */
export interface Identity {
  /** `ssh-ed25519 AAAA…` */
  readonly publicKey: string
  /** For messages: the path of a file, or `ssh-agent (comment)`. */
  readonly from: string
  /**
   * Signs with `hash` (RSA: sha256 or sha512; absent for Ed25519), in the form of the SSH protocol, without the name of
   * the algorithm.
   */
  sign(bytes: Buffer, hash: string | undefined): Promise<Buffer>
}

/**
 * The contents of a file. `public` is a key whose private half the agent has. `foreign` is for another purpose (an age
 * identity).
 */
export type IdentityFile =
  | { readonly kind: 'identity'; readonly identity: Identity }
  | { readonly kind: 'public'; readonly publicKey: string }
  | { readonly kind: 'foreign' }
  | { readonly kind: 'unusable'; readonly why: string }

/**
 * Reads an OpenSSH or PEM private key. An encrypted key is decrypted at its first signature, once.
 * @throws the errors of `readFile`
 */
export async function readIdentityFile(path: string, input: HiddenInput): Promise<IdentityFile> {
  const text = await readFile(path, 'utf8')
  if (text.includes('AGE-SECRET-KEY-')) return { kind: 'foreign' }
  const container = readOpenSshContainer(text)
  if (container !== undefined && container.cipher !== 'none') {
    const { rounds, publicWire } = container
    if (rounds > MOST_ROUNDS)
      return {
        kind: 'unusable',
        why: `its passphrase is hashed ${rounds} times, more than ${MOST_ROUNDS}; change that with \`ssh-keygen -p -a 100 -f FILE\``,
      }
    if (!startsWithType(publicWire)) return { kind: 'unusable', why: 'damaged' }
    let opened: Promise<ParsedKey> | undefined
    const open = () => {
      opened ??= unseal(path, text, input)
      return opened
    }
    return {
      kind: 'identity',
      identity: {
        publicKey: publicLine(publicWire),
        from: path,
        sign: async (bytes, hash) => signature(await open(), bytes, hash),
      },
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
  return {
    kind: 'identity',
    identity: { publicKey, from: path, sign: async (bytes, hash) => signature(key, bytes, hash) },
  }
}

function unseal(path: string, text: string, input: HiddenInput): Promise<ParsedKey> {
  return openWithPassphrase(input, path, (passphrase) => {
    const key = parse(text, passphrase)
    return key instanceof Error ? undefined : key
  })
}

/**
 * For OpenSSH's format, ssh2 returns a list, although its types do not show that. The format contains one key today.
 * For a damaged key ssh2 also throws.
 */
function parse(text: string, passphrase?: string): ParsedKey | Error {
  try {
    const parsed: ParsedKey | Error | undefined | readonly ParsedKey[] = ssh2.utils.parseKey(text, passphrase)
    return (Array.isArray(parsed) ? parsed[0] : parsed) ?? new Error('no key in it')
  } catch {
    return new Error('damaged')
  }
}

function signature(key: ParsedKey, bytes: Buffer, hash: string | undefined): Buffer {
  const made: Buffer | Error = key.sign(bytes, hash)
  if (made instanceof Error) throw made
  return made
}

/** In the form in which every blob of a public key begins. */
function startsWithType(blob: Buffer): boolean {
  return blob.length >= 4 && blob.length > 4 + blob.readUInt32BE(0)
}
