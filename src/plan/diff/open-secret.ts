import { PIECE } from './piece.ts'

/**
 * What follows such a word, on its line or on deeper lines below, is a secret. `$code` is where a script reads one;
 * `mkdir -p --` has no value.
 */
const SECRET_WORD =
  /pass|pwd|\bpw\b|token|secret|cred|auth|private|psk|bearer|cookie|session|salt|seed|signature|datastore-endpoint|dsn|key|(?<![a-z$])(?:pin(?!g)|otp|code|login(?!d)|recovery|luks)|(?<![^\s"'])-[up](?=["',=]|\s+[^-\s]|\s*$)/i

const FIRST_PIECE = new RegExp(`^${PIECE.source}`)

/** Where the secret begins in a line that names one: behind the piece with the word. */
export function opensSecret(line: string): number | undefined {
  const word = SECRET_WORD.exec(line)
  if (word === null) return undefined
  return word.index + (FIRST_PIECE.exec(line.slice(word.index))?.[0].length ?? 0)
}

/** A quote, or the beginning of an element's end. */
export type Closer = '"' | "'" | `</${string}`

/**
 * What still has to close behind a line: the quote or the element of a secret, which goes on below. All of it takes a
 * time that grows with the line alone, whatever is in it.
 * @param closer what had to close before the line
 */
export function closerBehind(line: string, closer: Closer | undefined): Closer | undefined {
  if (closer === undefined) return SECRET_WORD.test(line) ? (openQuote(line) ?? openElement(line)) : undefined
  if (closer === '"' || closer === "'") return openQuote(line, closer)
  const end = line.indexOf(closer)
  return end < 0 ? closer : closerBehind(line.slice(end + closer.length), undefined)
}

/** An apostrophe inside or behind a word opens nothing; nor does what follows `$(…)`, whose quotes are in another's. */
function openQuote(line: string, from?: '"' | "'"): '"' | "'" | undefined {
  let quote = from
  for (let at = 0; at < line.length; at++) {
    const character = line[at]
    if (character === '\\' && quote !== "'") at++
    else if (character === quote) quote = undefined
    else if (quote === undefined && (character === '"' || character === "'") && !/[\w)}\]]/.test(line.charAt(at - 1)))
      quote = character
  }
  return quote
}

/** Of a line that begins with an element: `<token>` elsewhere is what a comment says in place of one. */
function openElement(line: string): `</${string}` | undefined {
  if (!line.trimStart().startsWith('<')) return undefined
  const open = [...line.matchAll(/<([\w:.-]+)(?![\w:.-])[^<>]*>/g)].find(
    ({ 0: tag, 1: name, index }) =>
      !tag.endsWith('/>') && SECRET_WORD.test(tag) && line.lastIndexOf(`</${name}`) < index,
  )
  return open && `</${open[1] ?? ''}`
}
