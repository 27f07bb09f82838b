import type { Refusal } from './refusal.ts'

/** What becomes of a field of a Pod. */
export type Field =
  /** The reader takes it. */
  | { readonly kind: 'read' }
  /** It has no effect on this Node, and why that is right. */
  | { readonly kind: 'without effect'; readonly why: string }
  /** A Pod that has it is refused, unless it has a value that means nothing. */
  | { readonly kind: 'refused'; readonly why: string; readonly harmless: readonly unknown[] }

export type Fields = Readonly<Record<string, Field>>

export const read: Field = { kind: 'read' }

export function withoutEffect(why: string): Field {
  return { kind: 'without effect', why }
}

/** @param harmless values with which the field means nothing, besides an empty one */
export function refused(why: string, ...harmless: readonly unknown[]): Field {
  return { kind: 'refused', why, harmless }
}

/** No value, or none that an API server adds by itself. */
function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === '') return true
  return typeof value === 'object' && Object.keys(value).length === 0
}

/**
 * What of an object this Node does not run. A field that the table does not have is refused: it may be of a later
 * Kubernetes and mean anything.
 * @param path of the object in its Pod
 */
export function refusalsOf(object: object, fields: Fields, path: string): readonly Refusal[] {
  return Object.entries(object).flatMap(([name, value]) => {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined
    if (field === undefined) return [{ path: `${path}.${shown(name)}`, why: 'keel does not know this field' }]
    if (field.kind !== 'refused' || isEmpty(value) || field.harmless.includes(value)) return []
    return [{ path: `${path}.${name}`, why: field.why }]
  })
}

function shown(name: string): string {
  return name.slice(0, 60).replace(/[^\w-]/g, '?')
}
