import { KeelError } from '../errors.ts'
import type { SecretRule } from '../model/cluster.ts'
import { decryptFile, readStanzas } from './age/file.ts'
import { BadAgeFile } from './age/header.ts'
import { isUnnamed } from './age/stanza-label.ts'
import type { AgeIdentity } from './identity/identity.ts'
import { missingFile } from './missing-file.ts'
import type { KeyNames } from './readers/staleness.ts'

/**
 * Decrypts the file of a secret.
 * @throws KeelError `secret-no-value` (exit 2), `secret-damaged`, or `secret-not-ours` if no identity fits (exit 1),
 * which names the readers whose identity would fit
 */
export async function unseal(
  rule: SecretRule,
  file: Uint8Array | undefined,
  identities: readonly AgeIdentity[],
  nameOf: KeyNames,
): Promise<Uint8Array> {
  if (file === undefined) throw missingFile(rule)
  try {
    const value = await decryptFile(file, identities)
    if (value !== undefined) return value
  } catch (error) {
    if (error instanceof BadAgeFile) throw damagedFile(rule, error.message)
    throw error
  }
  throw new KeelError({
    code: 'secret-not-ours',
    at: rule.file,
    found: 'none of your private keys can decrypt this file',
    why: `it is encrypted to ${readersOf(file, nameOf)}; tried ${identities.map(({ source }) => source).join(', ')}`,
    todo: 'name the private key of one of them with --identity, or ask them to run `keel rekey` and commit',
  })
}

function damagedFile({ name, file }: SecretRule, what: string): KeelError {
  return new KeelError({
    code: 'secret-damaged',
    at: file,
    found: `this file ${what}`,
    todo: `restore it from git, or set it again: keel secret set ${name} < FILE`,
  })
}

function readersOf(file: Uint8Array, nameOf: KeyNames): string {
  const readers = readStanzas(file).map(({ args: [type = '', tag = ''] }) => {
    if (type.startsWith('ssh-')) return nameOf(`${type} ${tag}`)
    return isUnnamed(type) ? 'an age1 recipient' : `a ${type} recipient`
  })
  return readers.join(', ')
}
