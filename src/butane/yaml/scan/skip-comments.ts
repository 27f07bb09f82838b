import { type Cursor, isBlank, isBreak } from './cursor.ts'

// how far yaml.v3 looks for a comment that belongs to the last token
const window = 512

/** Skips a comment after a token, on the same line. */
export function skipLineComment(cursor: Cursor): void {
  if (cursor.onFreshLine) return
  let ahead = 0
  while (ahead < window && isBlank(cursor.peek(ahead))) ahead += 1
  if (ahead < window && cursor.peek(ahead) === '#') cursor.skipToLineEnd()
}

/**
 * Skips the comment at the cursor and those on the next lines. Even a line of tabs is allowed between two of them.
 * Stops at the line break of the last comment.
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
