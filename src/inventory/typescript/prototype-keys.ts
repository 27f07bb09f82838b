import type { Fault } from '../../errors.ts'
import type { Issue } from '../../model/schema/parsed.ts'
import { isSign } from './literals.ts'
import { placesIn } from './place.ts'
import { tokens } from './tokens.ts'

/**
 * The places with `__proto__`. In YAML and in brackets it is a key that zod ignores. In a TypeScript literal it is the
 * object from which all missing keys would be inherited. The author wanted neither.
 */
export function prototypeKeys(input: unknown): readonly Issue[] {
  const issues: Issue[] = []
  const seen = new Set<object>()
  const walk = (value: unknown, path: Issue['path']): void => {
    if (typeof value !== 'object' || value === null || seen.has(value)) return
    // reports only once what an alias repeats
    seen.add(value)
    const isList = Array.isArray(value)
    if (Object.hasOwn(value, '__proto__') || (!isList && inheritsData(value)))
      issues.push({ path: [...path, '__proto__'], part: 'key', code: 'prototype-key', ...FOUND })
    for (const [key, inner] of Object.entries(value))
      if (key !== '__proto__') walk(inner, [...path, isList ? Number(key) : key])
  }
  walk(input, [])
  return issues
}

/** In TypeScript, `__proto__: 'a text'` leaves no trace in the value, so this searches the text itself. */
export function prototypeKeysIn(file: string, text: string): readonly Fault[] {
  if (!text.includes('__proto__')) return []
  const all = tokens(text)
  // in brackets it is a key like any other, which the value contains
  const keys = all.filter(
    ({ text: word, kind }, index) => word === '__proto__' && kind !== 'sign' && isSign(all[index + 1], ':'),
  )
  const place = placesIn(text)
  return keys.map(({ start }) => ({ code: 'prototype-key', at: `${file}:${place(start)}`, ...FOUND }))
}

const FOUND = {
  found: "'__proto__' can't be a key",
  why: 'JavaScript gives it another meaning, and its value would be lost',
  todo: 'give it another name',
}

/** `{ __proto__: { … } }`: the prototype is a plain object, not a class. */
function inheritsData(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return (
    typeof prototype === 'object' &&
    prototype !== null &&
    Object.getPrototypeOf(prototype) === Object.prototype &&
    !Object.hasOwn(prototype, 'constructor')
  )
}
