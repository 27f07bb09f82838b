import { parts } from './index.ts'
import type { Part } from './part.ts'

type Listed = (typeof parts)[number]
export type PartName = Listed['name']

type Types = {
  readonly [Name in PartName]: Extract<Listed, { readonly name: Name }> extends Part<
    Name,
    infer Wanted,
    infer Placed,
    infer Seen
  >
    ? { readonly wanted: Wanted; readonly placed: Placed; readonly seen: Seen }
    : never
}
type Kind = 'wanted' | 'placed' | 'seen'
type AnyOf<One extends Kind> = Types[PartName][One]

/**
 * What is wanted of a host's parts, where they are placed, what was seen of them: by name, absent for a part that the
 * host does not have.
 */
export type ByPart<One extends Kind> = { readonly [Name in PartName]?: Types[Name][One] }

export type AnyPart = Part<PartName, AnyOf<'wanted'>, AnyOf<'placed'>, AnyOf<'seen'>>

/** In the order in which a host starts them. */
export const allParts: readonly AnyPart[] = parts

/** A value for each part that has one. */
export function byPart<One extends Kind>(make: (part: AnyPart) => AnyOf<One> | undefined): ByPart<One> {
  const values = allParts.flatMap((part) => {
    const value = make(part)
    return value === undefined ? [] : [[part.name, value] as const]
  })
  // each value comes from the part whose name it gets: Object.fromEntries can't say so
  return Object.fromEntries(values) as ByPart<One>
}

/** Whether one of the parts that have a value says so. */
export function somePart<One extends Kind>(
  values: ByPart<One>,
  says: (part: AnyPart, value: AnyOf<One>) => boolean | undefined,
): boolean {
  return eachPart(values, (part, value) => (says(part, value) === true ? [true] : [])).length > 0
}

/** Calls the parts that have a value, in the order of a host's start. Each gets its own value. */
export function eachPart<One extends Kind, Result>(
  values: ByPart<One>,
  make: (part: AnyPart, value: AnyOf<One>) => readonly Result[] | undefined,
): readonly Result[] {
  return allParts.flatMap((part) => {
    const value: AnyOf<One> | undefined = values[part.name]
    return value === undefined ? [] : (make(part, value) ?? [])
  })
}
