import type { Version } from '../versions.ts'
import { type Field, type StructData, type StructKind, type Value, yamlName } from './kinds.ts'

export interface NamedField {
  readonly name: string
  readonly yaml: string
  readonly field: Field
}
/** The side of the translation from which a struct is seen. */
export type Side = 'butane' | 'ignition'

const known = new Map<StructKind, Map<string, readonly NamedField[]>>()

/** The fields of a struct in that version, in Ignition's order. */
export function fieldsOf(struct: StructKind, side: Side, version: Version): readonly NamedField[] {
  const ofStruct = known.get(struct) ?? new Map<string, readonly NamedField[]>()
  known.set(struct, ofStruct)
  const key = `${side} ${version}`
  const found = ofStruct.get(key) ?? collect(struct, side, version)
  ofStruct.set(key, found)
  return found
}

function collect(struct: StructKind, side: Side, version: Version): NamedField[] {
  return Object.entries(struct.fields)
    .filter(([, field]) => !(side === 'butane' ? field.ignitionOnly : field.butaneOnly))
    .filter(([, field]) => field.since === undefined || field.since <= version)
    .map(([name, field]) => ({ name, yaml: yamlName(name), field }))
}

/** A struct without any settings. */
export function emptyStruct(struct: StructKind): Record<string, Value> {
  const empty: Record<string, Value> = {}
  for (const [name, field] of Object.entries(struct.fields)) empty[name] = emptyField(field)
  return empty
}

function emptyField({ of, required }: Field): Value {
  if (of.kind === 'struct') return emptyStruct(of) satisfies StructData
  if (of.kind === 'list') return []
  if (required === undefined) return undefined
  return of.kind === 'integer' ? 0n : ''
}
