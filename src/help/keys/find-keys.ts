import type { Key } from './key.ts'

/**
 * The keys that a name can mean: a whole path, or its last parts if only one key ends with them. `*` is a NAME that the
 * user chooses. Several: the name is ambiguous.
 */
export function findKeys(name: string, keys: readonly Key[]): readonly Key[] {
  const wanted = name
    .split('.')
    .map((part) => (part === '*' ? 'NAME' : part))
    .join('.')
  const whole = keys.filter(({ path }) => path === wanted)
  return whole.length > 0 ? whole : keys.filter(({ path }) => path.endsWith(`.${wanted}`))
}

/** The keys right below a path, and those below these. */
export function keysBelow(path: string, keys: readonly Key[]): readonly Key[] {
  return keys.filter((key) => key.path.startsWith(`${path}.`))
}
