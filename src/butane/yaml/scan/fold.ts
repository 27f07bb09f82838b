import { type Cursor, isBlank, isBreak } from './cursor.ts'

/** White space inside a flow scalar: blanks within a line stay, a single break becomes a space, further breaks stay. */
export interface Gap {
  readonly text: string
  /** Whether the gap contains a line break. */
  readonly folded: boolean
}

/**
 * Reads the white space at the cursor. `escapedBreak`: a backslash has already ended the line, so blanks are dropped
 * and no space takes the place of the break. `refuseTab` is called at each tab after a line break.
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
