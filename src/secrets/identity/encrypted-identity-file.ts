import { ExitCode, KeelError } from '../../errors.ts'
import { openWithPassphrase } from '../../terminal/passphrase.ts'
import { isArmored } from '../age/armor.ts'
import { decryptFile, readStanzas } from '../age/file.ts'
import { BadAgeFile } from '../age/header.ts'
import { isScrypt, scryptIdentity } from '../age/scrypt.ts'
import { isUnnamed } from '../age/stanza-label.ts'
import { parseAgeIdentities } from './age-identity-file.ts'
import type { AgeIdentity, IdentitySource } from './identity.ts'

export function isAgeFile(contents: Uint8Array): boolean {
  return isArmored(contents) || Buffer.from(contents).subarray(0, 22).toString('latin1') === 'age-encryption.org/v1\n'
}

/**
 * Age identities with a passphrase (`age-keygen | age -p`). Without the passphrase keel can't see them, so it asks for
 * it when a file has a stanza that may be for one of them.
 * @throws KeelError `identity` (exit 2) if the file is encrypted to a key, or damaged
 */
export function encryptedIdentityFile(contents: Uint8Array, { source, path, input }: IdentitySource): AgeIdentity {
  if (!isBehindPassphrase(contents, source))
    throw refused(source, 'an age file without a passphrase', 'it is encrypted to a key')
  let opened: Promise<readonly AgeIdentity[]> | undefined
  const open = () =>
    openWithPassphrase(input, path, async (passphrase) => {
      const text = await decryptFile(contents, [scryptIdentity(passphrase)])
      return text && parseAgeIdentities(Buffer.from(text).toString(), source)
    })
  return {
    source,
    publicKey: undefined,
    async unwrapFileKey(stanzas) {
      if (!stanzas.some(({ args: [type = ''] }) => isUnnamed(type))) return null
      opened ??= open()
      for (const identity of await opened) {
        const fileKey = await identity.unwrapFileKey(stanzas)
        if (fileKey !== null) return fileKey
      }
      return null
    },
  }
}

function isBehindPassphrase(contents: Uint8Array, source: string): boolean {
  try {
    return readStanzas(contents).some(isScrypt)
  } catch (error) {
    if (error instanceof BadAgeFile) throw refused(source, `an identity file that ${error.message}`, 'it is damaged')
    throw error
  }
}

function refused(at: string, found: string, why: string): KeelError {
  const todo =
    'name a private key with --identity: an OpenSSH key, or a file that age-keygen made, encrypted with `age -p` or not'
  return new KeelError({ code: 'identity', at, found, why, todo, exit: ExitCode.Usage })
}
