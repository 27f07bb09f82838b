import { type Cursor, isBlank, isBlankOrEnd, isBreak } from './cursor.ts'
import { takeGap } from './fold.ts'

export interface PlainScalar {
  readonly value: string
  /** White space with a line break follows, so a key may start there. */
  readonly crossedLine: boolean
}

/** Reads a scalar without quotes. In block context, its further lines must be indented to the column `indent`. */
export function scanPlain(cursor: Cursor, indent: number, inFlow: boolean): PlainScalar {
  const start = cursor.position()
  let value = ''
  let gap = { text: '', folded: false }
  while (!cursor.atDocumentIndicator() && cursor.peek() !== '#') {
    while (!isBlankOrEnd(cursor.peek()) && !endsPlain(cursor, inFlow)) {
      value += gap.text + cursor.take()
      gap = { text: '', folded: false }
    }
    if (!isBlank(cursor.peek()) && !isBreak(cursor.peek())) break
    gap = takeGap(cursor, false, () => {
      if (cursor.column < indent) cursor.fail('indented with a tab; only spaces count', start)
    })
    if (!inFlow && cursor.column < indent) break
  }
  return { value, crossedLine: gap.folded }
}

function endsPlain(cursor: Cursor, inFlow: boolean): boolean {
  const next = cursor.peek()
  if (next === ':' && isBlankOrEnd(cursor.peek(1))) return true
  return inFlow && (next === ',' || next === '?' || next === '[' || next === ']' || next === '{' || next === '}')
}
