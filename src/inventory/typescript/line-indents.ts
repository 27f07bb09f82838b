export interface Indent {
  /** Spaces and tabs at the start of the line. */
  readonly width: number
  /** Nothing but closing brackets is before the offset on its line. */
  readonly isFirst: boolean
}

const SPACES = /[ \t]*/y
const CLOSING = /(?:[^\S\n]|[)\]}])*/y

/**
 * The indent of the line that an offset is in. Each line is looked at once: a line may be as long as its file, and
 * consist of brackets.
 * @returns to be called with offsets that never get smaller
 */
export function lineIndents(source: string): (offset: number) => Indent {
  let end = -1
  let width = 0
  let firstOther = 0
  return (offset) => {
    if (offset > end) {
      const start = source.lastIndexOf('\n', offset - 1) + 1
      const newline = source.indexOf('\n', offset)
      end = newline === -1 ? source.length : newline
      width = lengthOf(SPACES, source, start)
      firstOther = start + lengthOf(CLOSING, source, start)
    }
    return { width, isFirst: offset <= firstOther }
  }
}

function lengthOf(pattern: RegExp, source: string, at: number): number {
  pattern.lastIndex = at
  return pattern.exec(source)?.[0].length ?? 0
}
