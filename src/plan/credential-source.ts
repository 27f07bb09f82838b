import { createHash } from 'node:crypto'
import type { CredentialContent } from '../desired/host-state.ts'
import { isSecretRef } from '../desired/k3s-config.ts'
import type { SecretName, Sha256 } from '../model/brands.ts'
import type { Json } from '../model/cluster.ts'

/** The secrets a credential is made of, in the order in which they stand there. */
export function secretsOf(content: CredentialContent): readonly SecretName[] {
  return content.kind === 'secret' ? [content.secret] : [...new Set(refsIn(content.value))]
}

/**
 * Identifies what a credential was made from: its shape and the encrypted files. It changes with a rekey though the value may not, and says
 * nothing about the value.
 */
export function credentialSource(content: CredentialContent, digests: ReadonlyMap<SecretName, Sha256>): string {
  const files = secretsOf(content).map((secret) => [secret, digests.get(secret)])
  return createHash('sha256')
    .update(JSON.stringify([content, files]))
    .digest('hex')
}

function refsIn(value: Json): SecretName[] {
  if (isSecretRef(value)) return [value.secret]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(refsIn) : []
}
