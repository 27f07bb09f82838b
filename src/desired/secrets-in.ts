import type { SecretName } from '../model/brands.ts'
import type { Json } from '../model/cluster.ts'
import { isSecretRef } from '../model/secret-ref.ts'
import type { CredentialContent } from './host-state.ts'

/** The secrets a credential is made of, in the order in which they are there. */
export function secretsIn(content: CredentialContent): readonly SecretName[] {
  return content.kind === 'secret' ? [content.secret] : [...new Set(refsIn(content.value))]
}

function refsIn(value: Json): SecretName[] {
  if (isSecretRef(value)) return [value.secret]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(refsIn) : []
}
