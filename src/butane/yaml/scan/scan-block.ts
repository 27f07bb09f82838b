import { type Cursor, end, isBlank, isBreak, isBreakOrEnd, type Position } from './cursor.ts'

type Chomping = 'strip' | 'clip' | 'keep'

interface Header {
  readonly chomping: Chomping
  /** Spaces of indentation in addition to the parent's. 0: the first line that is not empty decides. */
  readonly increment: number
}

/**
 * Reads a literal (`|`) or folded (`>`) scalar. The cursor is at its indicator. `parentIndent` is -1 at the top of the
 * document.
 */
export function scanBlock(cursor: Cursor, parentIndent: number): string {
  const start = cursor.position()
  const literal = cursor.take() === '|'
  const { chomping, increment } = scanHeader(cursor, start)
  const fixed = increment === 0 ? 0 : Math.max(parentIndent, 0) + increment
  let { breaks, indent } = skipEmptyLines(cursor, fixed, parentIndent, start)
  let value = ''
  let lastBreak = ''
  let indentedBefore = false
  while (cursor.column === indent && cursor.peek() !== end) {
    const indented = isBlank(cursor.peek())
    const folds = !literal && !indentedBefore && !indented && lastBreak === '\n'
    value += folds ? (breaks === '' ? ' ' : '') : lastBreak
    value += breaks
    indentedBefore = indented
    value += cursor.takeWhile((character) => !isBreakOrEnd(character))
    lastBreak = isBreak(cursor.peek()) ? cursor.takeBreak() : ''
    ;({ breaks, indent } = skipEmptyLines(cursor, indent, parentIndent, start))
  }
  if (chomping === 'strip') return value
  return chomping === 'keep' ? value + lastBreak + breaks : value + lastBreak
}

function scanHeader(cursor: Cursor, start: Position): Header {
  let chomping = takeChomping(cursor)
  const increment = takeIncrement(cursor, start)
  chomping ??= increment === 0 ? undefined : takeChomping(cursor)
  cursor.skipBlanks()
  if (cursor.peek() === '#') cursor.skipToLineEnd()
  if (!isBreakOrEnd(cursor.peek()))
    cursor.fail('the text of | or > begins on the next line; only a comment may follow on this one', start)
  if (isBreak(cursor.peek())) cursor.takeBreak()
  return { chomping: chomping ?? 'clip', increment }
}

function takeChomping(cursor: Cursor): Chomping | undefined {
  if (cursor.peek() !== '+' && cursor.peek() !== '-') return undefined
  return cursor.take() === '+' ? 'keep' : 'strip'
}

function takeIncrement(cursor: Cursor, start: Position): number {
  if (!/^[0-9]$/.test(cursor.peek())) return 0
  if (cursor.peek() === '0') cursor.fail('the indentation behind | or > goes from 1 to 9', start)
  return Number(cursor.take())
}

/**
 * Skips empty lines and the indentation of the next line. If the indentation is not known yet (0), the deepest of these
 * lines determines it.
 */
function skipEmptyLines(
  cursor: Cursor,
  indent: number,
  parentIndent: number,
  start: Position,
): { breaks: string; indent: number } {
  let breaks = ''
  let deepest = 0
  const outside = () => indent === 0 || cursor.column < indent
  for (;;) {
    while (outside() && cursor.peek() === ' ') cursor.take()
    deepest = Math.max(deepest, cursor.column)
    if (outside() && cursor.peek() === '\t') {
      cursor.fail('indented with a tab; only spaces count', start)
    }
    if (!isBreak(cursor.peek())) break
    breaks += cursor.takeBreak()
  }
  return { breaks, indent: indent === 0 ? Math.max(deepest, parentIndent + 1, 1) : indent }
}
