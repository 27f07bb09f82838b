import { type Cursor, isBlank, isBreak } from './cursor.ts'

/** White space inside a flow scalar: blanks of one line stay, a single break becomes a space, further breaks stay. */
export interface Gap {
  readonly text: string
  /** The gap crossed a line. */
  readonly folded: boolean
}

/**
 * Reads the white space at the cursor. `escapedBreak`: a backslash has already ended the line, so that blanks are
 * dropped and no space is owed. `refuseTab` is asked at each tab after a line break.
 */
export function takeGap(cursor: Cursor, escapedBreak = false, refuseTab?: () => void): Gap {
  let blanks = ''
  let first = ''
  let further = ''
  let folded = escapedBreak
  while (isBlank(cursor.peek()) || isBreak(cursor.peek())) {
    if (isBlank(cursor.peek())) {
      if (folded && cursor.peek() === '\t') refuseTab?.()
      const blank = cursor.take()
      if (!folded) blanks += blank
    } else if (folded) {
      further += cursor.takeBreak()
    } else {
      blanks = ''
      first = cursor.takeBreak()
      folded = true
    }
  }
  if (!folded) return { text: blanks, folded }
  if (first !== '\n') return { text: first + further, folded }
  return { text: further === '' ? ' ' : further, folded }
}
