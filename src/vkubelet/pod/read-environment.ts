import * as z from 'zod'
import { type EnvironmentSource, isVariableName, isVariableValue } from './environment-source.ts'
import { fieldOf, objectName, resourceOf, resourceSchema } from './field-reference.ts'
import type { Refusal } from './refusal.ts'

/** A key of a configMap or a secret (apimachinery, IsConfigMapKey). */
const key = z.string().regex(/^[-._a-zA-Z0-9]{1,253}$/)
const isOptional = z.boolean().nullish()
const ofObject = z.looseObject({ name: objectName, key, optional: isOptional })

export const environmentSchema = z
  .array(
    z.looseObject({
      name: z.string().min(1).max(1024),
      value: z.string().nullish(),
      valueFrom: z
        .looseObject({
          fieldRef: z.looseObject({ fieldPath: z.string().max(400) }).nullish(),
          resourceFieldRef: resourceSchema.nullish(),
          secretKeyRef: ofObject.nullish(),
          configMapKeyRef: ofObject.nullish(),
        })
        .nullish(),
    }),
  )
  .max(2000)
  .nullish()

const whole = z.looseObject({ name: objectName, optional: isOptional }).nullish()

export const environmentFromSchema = z
  .array(z.looseObject({ prefix: z.string().max(1024).nullish(), secretRef: whole, configMapRef: whole }))
  .max(200)
  .nullish()

type Variable = NonNullable<z.output<typeof environmentSchema>>[number]
type Whole = NonNullable<z.output<typeof environmentFromSchema>>[number]

/** Where the variables of a container come from, in the order in which they count: `envFrom` before `env`. */
export function readEnvironment(
  env: readonly Variable[],
  envFrom: readonly Whole[],
  path: string,
): { readonly sources: readonly EnvironmentSource[]; readonly refusals: readonly Refusal[] } {
  const read = [
    ...envFrom.map((one, index) => allOf(one, `${path}.envFrom[${index}]`)),
    ...env.map((one, index) => variableOf(one, `${path}.env[${index}]`)),
  ]
  return {
    sources: read.filter((one): one is EnvironmentSource => 'kind' in one),
    refusals: read.filter((one): one is Refusal => 'why' in one),
  }
}

function allOf({ prefix, secretRef, configMapRef }: Whole, path: string): EnvironmentSource | Refusal {
  const found = secretRef ?? configMapRef
  if (found === null || found === undefined) return { path, why: 'keel does not know this source' }
  const kind = found === secretRef ? 'secret' : 'configMap'
  return {
    kind: 'all',
    prefix: prefix ?? '',
    object: { kind, name: found.name },
    isOptional: found.optional ?? false,
  }
}

function variableOf({ name, value, valueFrom }: Variable, path: string): EnvironmentSource | Refusal {
  if (!isVariableName(name)) return { path: `${path}.name`, why: 'systemd takes only names of letters, digits and _' }
  if (valueFrom === null || valueFrom === undefined) {
    if (!isVariableValue(value ?? ''))
      return { path: `${path}.value`, why: 'systemd takes no control characters and at most 130,000 bytes' }
    return { kind: 'value', name, value: value ?? '' }
  }
  const { fieldRef, resourceFieldRef, secretKeyRef, configMapKeyRef } = valueFrom
  const ofObject = secretKeyRef ?? configMapKeyRef
  if (ofObject !== null && ofObject !== undefined) {
    const kind = ofObject === secretKeyRef ? 'secret' : 'configMap'
    const object = { kind, name: ofObject.name } as const
    return { kind: 'key', name, object, key: ofObject.key, isOptional: ofObject.optional ?? false }
  }
  if (fieldRef !== null && fieldRef !== undefined) {
    const field = fieldOf(fieldRef.fieldPath)
    return field === undefined
      ? { path: `${path}.valueFrom.fieldRef`, why: 'keel does not know this field' }
      : { kind: 'field', name, field }
  }
  if (resourceFieldRef !== null && resourceFieldRef !== undefined) {
    const reference = resourceOf(resourceFieldRef)
    return reference === undefined
      ? { path: `${path}.valueFrom.resourceFieldRef`, why: 'keel knows limits and requests of cpu and memory' }
      : { kind: 'resource', name, ...reference }
  }
  return { path: `${path}.valueFrom`, why: 'keel does not know this source' }
}
