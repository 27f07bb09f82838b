import type { Key } from './key.ts'

/**
 * The keys that a name can mean: a whole path, or its last parts. The most usual key is first: that of a host, then the
 * one with the shortest path. `*` is a NAME that the user chooses.
 */
export function findKeys(name: string, keys: readonly Key[]): readonly Key[] {
  const wanted = name
    .split('.')
    .map((part) => (part === '*' ? 'NAME' : part))
    .join('.')
  const whole = keys.filter(({ path }) => path === wanted)
  return whole.length > 0 ? whole : keys.filter(({ path }) => path.endsWith(`.${wanted}`)).toSorted(byUse)
}

function byUse(one: Key, other: Key): number {
  const ofHost = Number(other.file === 'host') - Number(one.file === 'host')
  return ofHost || one.path.split('.').length - other.path.split('.').length
}

/** The keys right below a path, and those below these. */
export function keysBelow(path: string, keys: readonly Key[]): readonly Key[] {
  return keys.filter((key) => key.path.startsWith(`${path}.`))
}
