import { type Token, tokens } from './tokens.ts'

type Path = readonly (string | number)[]

/** A call of defineHost or a similar function in a source text. */
export interface Call {
  readonly all: readonly Token[]
  /** The name of the function. */
  readonly name: Token
  /** Index of the first token of the argument. */
  readonly argument: number
}

/** The call that starts at `offset`. Without an offset, the first call of that name. */
export function findCall(source: string, name: string, offset?: number): Call | undefined {
  const all = tokens(source)
  const isCall = (token: Token, index: number) => token.kind === 'word' && all[index + 1]?.text === '('
  const index = all.findIndex(
    (token, at) => isCall(token, at) && (offset === undefined ? token.text === name : token.start === offset),
  )
  const found = all[index]
  return found === undefined ? undefined : { all, name: found, argument: index + 2 }
}

/**
 * The offset in the text at which the value at `path` (or its key) starts. It goes as deep as the text shows, because
 * parts may be computed.
 */
export function literalAt(
  { all, name, argument }: Call,
  path: Path,
  part: 'key' | 'value' = 'value',
): { readonly offset: number; readonly exact: boolean } {
  let index = follow(all, argument)
  let offset = name.start
  for (const [depth, step] of path.entries()) {
    const next = entryOf(all, index, step)
    if (next === undefined) return { offset, exact: false }
    const isKey = part === 'key' && depth === path.length - 1
    index = isKey ? next.start : follow(all, next.value)
    offset = all[index]?.start ?? offset
  }
  return { offset, exact: true }
}

/** By the list of tokens and the first token of an object, so that a file with a thousand faults is read only once. */
const known = new WeakMap<readonly Token[], Map<number, ReadonlyMap<string | number, Entry>>>()

function entryOf(all: readonly Token[], index: number, key: string | number): Entry | undefined {
  const objects = known.get(all) ?? new Map<number, ReadonlyMap<string | number, Entry>>()
  known.set(all, objects)
  // for a key that occurs twice, the first one
  const found =
    objects.get(index) ??
    new Map(
      entries(all, index)
        .toReversed()
        .map((entry) => [entry.key, entry]),
    )
  objects.set(index, found)
  return found.get(key)
}

/** A name whose value is a literal in this file stands for that literal: `const shared = { … }`. */
export function follow(all: readonly Token[], index: number): number {
  const word = all[index]
  const after = all[index + 1]?.text
  if (word?.kind !== 'word' || after === '(' || after === '.') return index
  const declared = all.findIndex(
    (token, at) => token.text === 'const' && token.kind === 'word' && all[at + 1]?.text === word.text,
  )
  if (declared < 0) return index
  const equals = all.findIndex((token, at) => at > declared && token.text === '=')
  return equals < 0 || equals > declared + 40 ? index : equals + 1
}

export interface Entry {
  readonly key: string | number
  /** Index of its first token. */
  readonly start: number
  /** Index of its value's first token. */
  readonly value: number
}

/** The entries of the object or list that starts at `index`. It skips spreads, methods and computed keys. */
export function entries(all: readonly Token[], index: number): Entry[] {
  const isList = isSign(all[index], '[')
  return entryStarts(all, index).flatMap((at, position): Entry[] => {
    const entry = isList ? { key: position, start: at, value: at } : keyed(all, at)
    return entry === undefined ? [] : [entry]
  })
}

/** Indexes at which the parts of the object or list begin, of any kind; none if there is neither. */
export function entryStarts(all: readonly Token[], index: number): number[] {
  const starts: number[] = []
  if (!isSign(all[index], '{', '[')) return starts
  for (let at = index + 1; at < all.length && !isSign(all[at], '}', ']', ')'); at = endOfEntry(all, at) + 1)
    starts.push(at)
  return starts
}

function keyed(all: readonly Token[], at: number): Entry | undefined {
  const bracketed = isSign(all[at], '[')
  const key = all[bracketed ? at + 1 : at]
  const after = bracketed ? at + 3 : at + 1
  if (key === undefined || key.kind === 'sign' || (bracketed && key.kind !== 'text')) return undefined
  if (isSign(all[after], ':')) return { key: key.text, start: at, value: after + 1 }
  return isSign(all[after], ',', '}') ? { key: key.text, start: at, value: at } : undefined
}

/** Index of the comma after an entry, or of the token before the bracket that closes them all. */
export function endOfEntry(all: readonly Token[], start: number): number {
  let depth = 0
  for (let at = start; at < all.length; at++) {
    const token = all[at]
    if (isSign(token, '(', '[', '{')) depth++
    else if (isSign(token, ')', ']', '}') && depth-- === 0) return at - 1
    else if (depth === 0 && isSign(token, ',')) return at
  }
  return all.length
}

export function isSign(token: Token | undefined, ...signs: readonly string[]): boolean {
  return token?.kind === 'sign' && signs.includes(token.text)
}
