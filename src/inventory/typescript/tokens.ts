export interface Token {
  readonly kind: 'word' | 'text' | 'sign'
  /** A word or sign unchanged; for a string or template its value without the quotes (escapes unchanged). */
  readonly text: string
  readonly start: number
  readonly end: number
}

/**
 * TypeScript split into words, texts and signs, without comments. This is enough to find the place of a literal, and it
 * is light: a real parser costs 30 ms, and needs an experimental API to strip types first. It never throws: what it
 * can't read becomes signs.
 */
export function tokens(source: string): Token[] {
  const found: Token[] = []
  const failures: Failures = { count: 0, unclosed: new Map() }
  let at = 0
  while (at < source.length) {
    const token = read(source, at, found.at(-1), failures)
    if (token.kind !== 'none') found.push({ kind: token.kind, text: token.text, start: at, end: token.end })
    at = token.end
  }
  return found
}

/** The longest text in which keel looks for the cause of a fault. The files of an inventory have a few kilobytes. */
const MOST_CHARACTERS = 1 << 16

/** For the cause of a fault, which is a guess and may take no time. Undefined for a long text. */
export function tokensIfShort(source: string): Token[] | undefined {
  return source.length > MOST_CHARACTERS ? undefined : tokens(source)
}

interface Read {
  readonly kind: Token['kind'] | 'none'
  readonly text: string
  readonly end: number
}

const SPACE = /\s+|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y
const WORD = /[\p{L}\p{N}_$]+/uy
/** Without the quote that closes it. */
const TEXT = /'(?:[^'\\\n]|\\[\s\S])*|"(?:[^"\\\n]|\\[\s\S])*/y
const REGEX = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y

/** A template or regular expression without an end is looked for to the end of the text or line. */
const MOST_FAILURES = 200

/** What was looked for and not found, so that no part of a long line is read again and again. */
interface Failures {
  /** Templates and regular expressions. */
  count: number
  /** For each kind of quote the offset before which nothing closes one. */
  readonly unclosed: Map<string, number>
}

function read(source: string, at: number, before: Token | undefined, failures: Failures): Read {
  const space = match(SPACE, source, at)
  if (space !== undefined) return { kind: 'none', text: '', end: at + space.length }
  const word = match(WORD, source, at)
  if (word !== undefined) return { kind: 'word', text: word, end: at + word.length }
  const text = quoted(source, at, failures)
  if (text !== undefined) return { kind: 'text', text: text.slice(1), end: at + text.length + 1 }
  const mayEnd = failures.count < MOST_FAILURES
  if (source[at] === '`' && mayEnd) {
    const found = template(source, at)
    if (found.kind === 'sign') failures.count++
    return found
  }
  const isRegex = source[at] === '/' && mayEnd && canStartRegex(before)
  const regex = isRegex ? match(REGEX, source, at) : undefined
  if (isRegex && regex === undefined) failures.count++
  const sign = regex ?? source[at] ?? ''
  return { kind: 'sign', text: sign, end: at + sign.length }
}

/** After a value, a slash divides. Elsewhere it starts a regular expression. */
function canStartRegex(before: Token | undefined): boolean {
  if (before === undefined) return true
  return before.kind === 'sign' ? !')]}'.includes(before.text) : before.text === 'return'
}

/**
 * A text with its first quote. If nothing closes it, each later quote of its kind up to there comes after a backslash:
 * what follows it is read in the same way, so nothing closes that one either.
 */
function quoted(source: string, at: number, { unclosed }: Failures): string | undefined {
  const quote = source[at] ?? ''
  if (at < (unclosed.get(quote) ?? 0)) return undefined
  const text = match(TEXT, source, at)
  if (text === undefined) return undefined
  const end = at + text.length
  if (source[end] === quote) return text
  unclosed.set(quote, end)
  return undefined
}

function template(source: string, start: number): Read {
  let depth = 0
  for (let at = start + 1; at < source.length; at++) {
    const char = source[at]
    if (char === '\\') at++
    else if (char === '$' && source[at + 1] === '{') depth++
    else if (char === '}' && depth > 0) depth--
    else if (char === '`' && depth === 0) return { kind: 'text', text: source.slice(start + 1, at), end: at + 1 }
  }
  return { kind: 'sign', text: '`', end: start + 1 }
}

function match(pattern: RegExp, source: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(source)?.[0]
}
