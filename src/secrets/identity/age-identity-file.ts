import { bech32 } from '@scure/base'
import { ExitCode, KeelError } from '../../errors.ts'
import { parseRecipient } from '../../model/recipient.ts'
import { nativeIdentity } from '../age/native.ts'
import { x25519Key } from '../age/x25519.ts'
import type { AgeIdentity } from './identity.ts'

/** What `age-keygen` writes: `AGE-SECRET-KEY-1…` lines, empty lines, and comments. @throws KeelError `identity` (exit 2) */
export function parseAgeIdentities(text: string, source: string): readonly AgeIdentity[] {
  const identities = text.split(/\r?\n/).flatMap((line, index) => {
    const secret = line.trim()
    return secret === '' || secret.startsWith('#') ? [] : [parseAgeIdentity(secret, `${source}:${index + 1}`)]
  })
  if (identities.length === 0) throw refused(source, 'no private key in this file', undefined)
  return identities
}

function parseAgeIdentity(secret: string, source: string): AgeIdentity {
  if (secret.startsWith('AGE-SECRET-KEY-PQ-1'))
    throw refused(source, 'a post-quantum identity', 'keel has no such recipients yet')
  if (secret.startsWith('AGE-PLUGIN-')) throw refused(source, "an age plugin's identity", 'keel runs no plugins')
  const scalar = decodeSecret(secret)
  if (scalar === undefined)
    throw refused(source, 'neither an SSH private key nor an age identity', 'a line is AGE-SECRET-KEY-1…, in capitals')
  const publicKey = parseRecipient(bech32.encodeFromBytes('age', x25519Key(scalar).publicKey))
  return { source, publicKey, ...nativeIdentity(scalar) }
}

function decodeSecret(secret: string): Uint8Array | undefined {
  if (secret !== secret.toUpperCase()) return undefined
  const decoded = bech32.decodeUnsafe(secret, 90)
  if (decoded?.prefix.toUpperCase() !== 'AGE-SECRET-KEY-') return undefined
  const bytes = bech32.fromWordsUnsafe(decoded.words)
  return bytes?.length === 32 ? bytes : undefined
}

function refused(at: string, found: string, why: string | undefined): KeelError {
  return new KeelError({
    code: 'identity',
    at,
    found,
    ...(why === undefined ? {} : { why }),
    todo: 'name a private key with --identity: an OpenSSH key, or a file that age-keygen made',
    exit: ExitCode.Usage,
  })
}
