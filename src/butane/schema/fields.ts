import type { Field, FieldMap, FlagKind, IntegerKind, Kind, ListKind, StructKind, TextKind } from './kinds.ts'

// The words in which schema/config.ts is written.

export const textKind: TextKind = { kind: 'text' }
export const named = (name: string): TextKind => ({ kind: 'text', name })

export const text = { of: textKind } satisfies Field
export const integer = { of: { kind: 'integer' } as IntegerKind } satisfies Field
export const flag = { of: { kind: 'flag' } as FlagKind } satisfies Field
/** A text that is always in the Ignition config, possibly as "". */
export const name = { of: textKind, required: 'always' } as const satisfies Field

export function struct<F extends FieldMap>(name: string, fields: F): StructKind<F> {
  return { kind: 'struct', name, fields }
}

export function one<S extends StructKind>(of: S): { readonly of: S } {
  return { of }
}

export function listOf<K extends Kind>(
  item: K,
  options: Omit<ListKind, 'kind' | 'item'> = {},
): { readonly of: ListKind<K> } {
  return { of: { kind: 'list', item, ...options } }
}

export function butaneOnly<F extends Field>(field: F) {
  return { ...field, butaneOnly: true } as const
}

export function ignitionOnly<F extends Field>(field: F) {
  return { ...field, ignitionOnly: true } as const
}

export function since11<F extends Field>(field: F) {
  return { ...field, since: '1.1.0' } as const
}
