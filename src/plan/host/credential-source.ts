import type { CredentialContent } from '../../desired/host-state.ts'
import { secretsIn } from '../../desired/secrets-in.ts'
import type { SecretName, Sha256 } from '../../model/brands.ts'
import { sha256 } from '../../model/digest.ts'

/**
 * Identifies what a credential was made from: its shape and the encrypted files. It changes with a rekey though the
 * value may not, and says nothing about the value.
 */
export function credentialSource(content: CredentialContent, digests: ReadonlyMap<SecretName, Sha256>): string {
  const files = secretsIn(content).map((secret) => [secret, digests.get(secret)])
  return sha256(JSON.stringify([content, files]))
}
