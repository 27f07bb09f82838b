import * as z from 'zod'
import type { SecretName } from './brands.ts'
import type { Json, SecretRef } from './cluster.ts'
import { parseSecretName } from './names.ts'

export interface SecretRefInput {
  readonly secret: string
}

/**
 * Whether it has the form of `secret('name')`. Other code checks whether that secret exists, because that needs all
 * files. The same function checks what keel makes of an inventory, because a registry may be named `secret`, too.
 */
export function isSecretRef(value: Json): value is SecretRef
export function isSecretRef(value: unknown): value is SecretRefInput
export function isSecretRef(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    'secret' in value &&
    typeof value.secret === 'string' &&
    Object.keys(value).length === 1
  )
}

/**
 * A value that may be in an inventory only as a reference. A message never shows the value, because it may be the
 * secret.
 */
export const secretOnly = z.custom<SecretRefInput>().transform((value, context): { readonly secret: SecretName } => {
  if (isSecretRef(value)) {
    try {
      return { secret: parseSecretName(value.secret) }
    } catch {
      context.addIssue({
        code: 'custom',
        message: 'a reference to a secret with an impossible name',
        params: { code: 'secret-name' },
      })
      return z.NEVER
    }
  }
  context.addIssue({ code: 'custom', message: IN_CLEAR.found, params: IN_CLEAR })
  return z.NEVER
})

export const IN_CLEAR = {
  code: 'secret-in-clear',
  found: "a secret's value in clear (not shown here)",
  why: 'the inventory is in git and readable by everybody',
  todo: "store it with `keel secret set NAME` and write { secret: 'NAME' } here",
} as const
