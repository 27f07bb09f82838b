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
  const failures = { count: 0 }
  let at = 0
  while (at < source.length) {
    const token = read(source, at, found.at(-1), failures)
    if (token.kind !== 'none') found.push({ kind: token.kind, text: token.text, start: at, end: token.end })
    at = token.end
  }
  return found
}

interface Read {
  readonly kind: Token['kind'] | 'none'
  readonly text: string
  readonly end: number
}

const SPACE = /\s+|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y
const WORD = /[\p{L}\p{N}_$]+/uy
const TEXT = /'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*"/y
const REGEX = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y

/** A template or regular expression without an end is looked for to the end of the text or line. */
const MOST_FAILURES = 200

function read(source: string, at: number, before: Token | undefined, failures: { count: number }): Read {
  const space = match(SPACE, source, at)
  if (space !== undefined) return { kind: 'none', text: '', end: at + space.length }
  const word = match(WORD, source, at)
  if (word !== undefined) return { kind: 'word', text: word, end: at + word.length }
  const text = match(TEXT, source, at)
  if (text !== undefined) return { kind: 'text', text: text.slice(1, -1), end: at + text.length }
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
