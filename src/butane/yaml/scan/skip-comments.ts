import { type Cursor, isBlank, isBreak } from './cursor.ts'

// how far yaml.v3 looks for a comment that belongs to what it has just read
const window = 512

/** A comment behind a token, on its line. */
export function skipLineComment(cursor: Cursor): void {
  if (cursor.onFreshLine) return
  let ahead = 0
  while (ahead < window && isBlank(cursor.peek(ahead))) ahead += 1
  if (ahead < window && cursor.peek(ahead) === '#') cursor.skipToLineEnd()
}

/**
 * The comment at the cursor and those on the next lines; between two of them even a line of tabs passes. Ends at the
 * last one's line break.
 */
export function skipComments(cursor: Cursor): void {
  for (;;) {
    cursor.skipToLineEnd()
    let ahead = 0
    while (ahead < window && (isBlank(cursor.peek(ahead)) || isBreak(cursor.peek(ahead)))) ahead += 1
    if (ahead >= window || cursor.peek(ahead) !== '#') return
    while (cursor.peek() !== '#') {
      if (isBreak(cursor.peek())) cursor.takeBreak()
      else cursor.take()
    }
  }
}
