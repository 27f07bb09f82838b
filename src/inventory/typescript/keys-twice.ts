import type { Fault } from '../../errors.ts'
import { quote } from '../../model/names.ts'
import { type Entry, entries, follow, isSign } from './literals.ts'
import { placesIn } from './place.ts'
import { type Token, tokens } from './tokens.ts'

/**
 * Keys that a literal contains twice: JavaScript silently keeps the last one. This looks at the arguments of a define
 * call, as far as they are in this file: literals inside it and those that it names. It skips spreads, computed keys
 * and other files.
 * @param call `defineHost` or a similar function
 */
export function keysTwiceIn(file: string, text: string, call: string): readonly Fault[] {
  const all = tokens(text)
  const seen = new Set<number>()
  const calls = [...all.keys()].filter(
    (at) => all[at]?.kind === 'word' && all[at]?.text === call && isSign(all[at + 1], '('),
  )
  const found = calls.flatMap((at) => twiceBelow(all, at + 2, seen))
  const place = placesIn(text)
  return found.map(({ text: key, start }) => ({
    code: 'key-twice',
    at: `${file}:${place(start)}`,
    found: `the key ${quote(key)} appears here a second time`,
    why: 'only the last of the two would count',
    todo: 'keep one, or put both values under it',
  }))
}

function twiceBelow(all: readonly Token[], index: number, seen: Set<number>): readonly Token[] {
  const literal = follow(all, index)
  // looks only once at a name that several hosts use
  if (seen.has(literal)) return []
  seen.add(literal)
  const parts = entries(all, literal)
  const inner = parts.flatMap(({ value }) => twiceBelow(all, value, seen))
  return isSign(all[literal], '{') ? [...secondOnes(all, parts), ...inner] : inner
}

function secondOnes(all: readonly Token[], parts: readonly Entry[]): readonly Token[] {
  const keys = new Set<string | number>()
  return parts.flatMap(({ key, start, value }) => {
    // `${…}` may be another key each time, and `Map<a, b, c>` looks like a key without a value
    if (String(key).includes('${') || start === value) return []
    const token = all[start]
    const isSecond = keys.has(key)
    keys.add(key)
    return isSecond && token !== undefined ? [{ ...token, text: String(key) }] : []
  })
}
