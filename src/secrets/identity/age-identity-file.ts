import { bech32 } from '@scure/base'
import { ExitCode, KeelError } from '../../errors.ts'
import { parseRecipient } from '../../model/keys/recipient.ts'
import { nativeIdentity } from '../age/native.ts'
import { x25519Key } from '../age/x25519.ts'
import type { AgeIdentity } from './identity.ts'

/**
 * The contents of a file from `age-keygen`: `AGE-SECRET-KEY-1…` lines, empty lines, and comments.
 * @throws KeelError `identity` (exit 2)
 */
export async function parseAgeIdentities(text: string, source: string): Promise<readonly AgeIdentity[]> {
  const identities: AgeIdentity[] = []
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const secret = line.trim()
    if (secret !== '' && !secret.startsWith('#'))
      identities.push(await parseAgeIdentity(secret, `${source}:${index + 1}`))
  }
  if (identities.length === 0) throw refused(source, 'no private key in this file', undefined)
  return identities
}

async function parseAgeIdentity(secret: string, source: string): Promise<AgeIdentity> {
  if (secret.startsWith('AGE-PLUGIN-')) {
    throw refused(
      source,
      'an identity of an age plugin',
      'its key is in a device or elsewhere, and keel runs no plugins',
    )
  }
  const decoded = secret === secret.toUpperCase() ? bech32.decodeUnsafe(secret, 90) : undefined
  const bytes = decoded && bech32.fromWordsUnsafe(decoded.words)
  const prefix = decoded?.prefix.toUpperCase()
  if (bytes?.length === 32 && prefix === 'AGE-SECRET-KEY-') {
    const publicKey = parseRecipient(bech32.encodeFromBytes('age', x25519Key(bytes).publicKey))
    return { source, publicKey, ...nativeIdentity(bytes) }
  }
  if (bytes?.length === 32 && prefix === 'AGE-SECRET-KEY-PQ-') {
    const { hybridIdentity, hybridRecipientText } = await import('../age/hybrid.ts')
    return { source, publicKey: parseRecipient(hybridRecipientText(bytes)), ...hybridIdentity(bytes) }
  }
  throw refused(
    source,
    'neither an SSH private key nor an age identity',
    'a line is AGE-SECRET-KEY-1… or AGE-SECRET-KEY-PQ-1…, in capitals',
  )
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
