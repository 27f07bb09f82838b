import type { CredentialContent } from '../../desired/host-state.ts'
import type { SecretName } from '../../model/brands.ts'
import type { Json } from '../../model/cluster.ts'
import { isSecretRef } from '../../model/secret-ref.ts'
import { yamlText } from '../../model/text/yaml-text.ts'

/** Gives a secret's clear bytes by its name, from the store, with the admin's identities. */
export type ReadSecret = (name: SecretName) => Promise<Uint8Array>

/** The bytes a credential is made of: here a reference becomes a value, right before it is sent to the host. */
export async function credentialBytes(content: CredentialContent, read: ReadSecret): Promise<Uint8Array> {
  if (content.kind === 'secret') return read(content.secret)
  return Buffer.from(yamlText(await filledIn(content.value, read)))
}

async function filledIn(value: Json, read: ReadSecret): Promise<unknown> {
  if (isSecretRef(value))
    return Buffer.from(await read(value.secret))
      .toString('utf8')
      .replace(/\r?\n$/, '')
  if (Array.isArray(value)) return Promise.all(value.map((item: Json) => filledIn(item, read)))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    await Promise.all(Object.entries(value).map(async ([key, item]) => [key, await filledIn(item, read)])),
  )
}
