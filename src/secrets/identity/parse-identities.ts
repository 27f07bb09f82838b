import { ExitCode, KeelError } from '../../errors.ts'
import { parseAgeIdentities } from './age-identity-file.ts'
import type { AgeIdentity } from './identity.ts'
import { parseSshPrivateKey } from './ssh-private-key.ts'

/**
 * The private keys in a file: one SSH private key, or age identities, one a line.
 * @param source what messages call the file
 * @throws KeelError `identity` (exit 2), which never repeats a line of the file.
 */
export async function parseIdentities(text: string, source: string): Promise<readonly AgeIdentity[]> {
  if (/^-----BEGIN AGE ENCRYPTED FILE-----|^age-encryption\.org\/v1\n/.test(text)) {
    throw new KeelError({
      code: 'identity-passphrase',
      at: source,
      found: 'this identity file is encrypted with a passphrase',
      why: 'keel does not ask for passphrases yet',
      todo: `decrypt it into a memory file system (age -d ${source}) and name that file with --identity`,
      exit: ExitCode.Usage,
    })
  }
  if (text.includes('-----BEGIN ')) return [await parseSshPrivateKey(text, source)]
  if (/^(ssh|ecdsa|sk)-\S+ AAAA/.test(text)) {
    throw new KeelError({
      code: 'identity',
      at: source,
      found: 'a public key',
      why: 'decrypting takes the private one, and an agent can not do it',
      todo: `name the private key: ${source.replace(/\.pub$/, '')}`,
      exit: ExitCode.Usage,
    })
  }
  return parseAgeIdentities(text, source)
}
