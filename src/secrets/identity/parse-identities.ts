import { ExitCode, KeelError } from '../../errors.ts'
import { noHiddenInput } from '../../terminal/hidden-input.ts'
import { parseAgeIdentities } from './age-identity-file.ts'
import { encryptedIdentityFile, isAgeFile } from './encrypted-identity-file.ts'
import type { AgeIdentity, IdentitySource } from './identity.ts'
import { parseSshPrivateKey } from './ssh-private-key.ts'

/**
 * The private keys in a file: one SSH private key, or age identities, one on each line, with or without a passphrase
 * (`age -p`). keel asks for a passphrase when the file of a secret needs the key, and only once.
 * @param contents the contents of the file
 * @throws KeelError `identity` (exit 2), which never repeats a line of the file
 */
export async function parseIdentities(
  contents: string | Uint8Array,
  from: string | IdentitySource,
): Promise<readonly AgeIdentity[]> {
  const bytes = Buffer.from(contents)
  const text = bytes.toString()
  const origin = typeof from === 'string' ? { source: from, path: from, input: noHiddenInput } : from
  if (isAgeFile(bytes)) return [encryptedIdentityFile(bytes, origin)]
  if (text.includes('-----BEGIN ')) return [await parseSshPrivateKey(text, origin)]
  if (/^(ssh|ecdsa|sk)-\S+ AAAA/.test(text)) throw publicKey(origin.source, text.startsWith('sk-'))
  return parseAgeIdentities(text, origin.source)
}

function publicKey(source: string, isSecurityKey: boolean): KeelError {
  return new KeelError({
    code: 'identity',
    at: source,
    found: 'a public key',
    why: isSecurityKey
      ? 'its private key is in a security key, which can sign but not decrypt'
      : 'decrypting needs the private key; an agent can sign with it but not decrypt',
    todo: isSecurityKey
      ? 'name another private key that may read the secret: an ssh-ed25519 key, or one that age-keygen made'
      : `name the private key: ${source.replace(/(-cert)?\.pub$/, '')}`,
    exit: ExitCode.Usage,
  })
}
