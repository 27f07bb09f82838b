import { type Cursor, end, isBlankOrEnd, isBreak, type Position } from './cursor.ts'
import { takeGap } from './fold.ts'

// the escapes of YAML 1.1 section 5.6 that yaml.v3 knows: `\/` is not one of them
const escapes: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  "'": "'",
  '\\': '\\',
  N: '\x85',
  _: '\xa0',
  L: '\u2028',
  P: '\u2029',
}
const hexLength: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 }

/** Reads a scalar in single or double quotes. The cursor is at the first quote. */
export function scanQuoted(cursor: Cursor): string {
  const start = cursor.position()
  const quote = cursor.take()
  let value = ''
  for (;;) {
    if (cursor.atDocumentIndicator()) cursor.fail('the document ends (--- or ...) within quotes', start)
    if (cursor.peek() === end) cursor.fail('the file ends within quotes', start)
    let escapedBreak = false
    while (!isBlankOrEnd(cursor.peek())) {
      const next = cursor.peek()
      if (next === quote) {
        if (quote === '"' || cursor.peek(1) !== quote) break
        cursor.skip(2)
        value += quote
      } else if (next === '\\' && quote === '"') {
        if (isBreak(cursor.peek(1))) {
          cursor.skip()
          cursor.takeBreak()
          escapedBreak = true
          break
        }
        value += scanEscape(cursor, start)
      } else {
        value += cursor.take()
      }
    }
    if (cursor.peek() === quote) break
    value += takeGap(cursor, escapedBreak).text
  }
  cursor.skip()
  return value
}

function scanEscape(cursor: Cursor, start: Position): string {
  const letter = cursor.peek(1)
  const simple = Object.hasOwn(escapes, letter) ? escapes[letter] : undefined
  if (simple !== undefined) {
    cursor.skip(2)
    return simple
  }
  const length = Object.hasOwn(hexLength, letter) ? hexLength[letter] : undefined
  if (length === undefined)
    return cursor.fail('no such escape in double quotes; a backslash itself is written twice', start)
  cursor.skip(2)
  let digits = ''
  for (let place = 0; place < length; place += 1) {
    const digit = cursor.peek(place)
    if (!/^[0-9a-fA-F]$/.test(digit))
      cursor.fail('hexadecimal digits belong behind \\x (2), \\u (4) and \\U (8)', start)
    digits += digit
  }
  const code = Number.parseInt(digits, 16)
  if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) {
    cursor.fail('this escape stands for no Unicode character', start)
  }
  cursor.skip(length)
  return String.fromCodePoint(code)
}
