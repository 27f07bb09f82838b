import type { SecretRule } from '../../model/cluster.ts'
import { sha256 } from '../../model/digest.ts'
import { readStanzas } from '../age/file.ts'
import { BadAgeFile } from '../age/header.ts'
import type { Stanza } from '../age/stanza.ts'
import { isSsh, isUnnamed } from '../age/stanza-label.ts'
import type { AgeIdentity } from '../identity/identity.ts'
import type { Snapshot } from '../snapshot.ts'

/** The secrets whose age1 readers only secrets/recipients.json records. */
export function claimedRules(snapshot: Snapshot): readonly SecretRule[] {
  return snapshot.rules.filter((rule) => isClaimed(snapshot, rule))
}

/**
 * Whether only secrets/recipients.json tells who the age1 readers of a file are. A commit can change that file without
 * the secret.
 */
export function isClaimed({ files, known }: Snapshot, rule: SecretRule): boolean {
  const file = files.get(rule.file)
  return file !== undefined && unnamedStanzas(file).length > 0 && !known.has(sha256(file))
}

/** Whether a private key has opened each stanza that names no reader, and each of these keys belongs to a reader. */
export async function isProven(
  rule: SecretRule,
  file: Uint8Array,
  identities: readonly AgeIdentity[],
): Promise<boolean> {
  const stanzas = unnamedStanzas(file)
  const readers = new Set<string>(rule.readers.map(({ key }) => key).filter((key) => !isSsh(key)))
  const ours = identities.filter(({ publicKey }) => publicKey !== undefined && readers.has(publicKey))
  for (const identity of ours) {
    const opened = await Promise.all(stanzas.map((stanza) => opens(identity, stanza)))
    const at = opened.indexOf(true)
    if (identity.publicKey === undefined || at < 0) continue
    stanzas.splice(at, 1)
    readers.delete(identity.publicKey)
  }
  return stanzas.length === 0 && readers.size === 0
}

/** A stanza that can't be tried (because of a passphrase or damage) proves nothing. */
async function opens(identity: AgeIdentity, stanza: Stanza): Promise<boolean> {
  try {
    return (await identity.unwrapFileKey([stanza])) !== null
  } catch {
    return false
  }
}

function unnamedStanzas(file: Uint8Array): Stanza[] {
  try {
    return readStanzas(file).filter(({ args: [type = ''] }) => isUnnamed(type))
  } catch (error) {
    if (error instanceof BadAgeFile) return []
    throw error
  }
}
