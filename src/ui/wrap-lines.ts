import { type Piece, type StyledLine, type StyledText, textOf, widthOf } from '../model/text/styled-text.ts'

interface Output {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
}

/** Of the rest of a line, further right than its beginning. */
const HANGING = 4
/** Spaces, or a word. A command in backticks is one word. */
const WORDS = / +|(?:`[^`]*`|[^ ])+/g
/** Narrower, the terminal wraps by itself. */
const LEAST = 40

/** Lines for a stream: on a terminal they fit into it; a pipe gets them as they are. */
export function fitLines(text: StyledText, { isTTY, columns = 80 }: Output): StyledText {
  return isTTY === true ? wrapLines(text, columns) : text
}

/** Lines that fit into a terminal: what is too long goes on below, at a space and further right. */
export function wrapLines(text: StyledText, columns: number): StyledText {
  if (columns < LEAST) return text
  return text.flatMap((line) => (widthOf(line) <= columns ? [line] : wrapped(line, columns)))
}

function wrapped(line: StyledLine, columns: number): readonly StyledLine[] {
  const indent = /^ */.exec(textOf(line[0] ?? ''))?.[0].length ?? 0
  const lines: Piece[][] = [[]]
  let width = 0
  for (const word of line.flatMap(words)) {
    const { length } = [...textOf(word)]
    const isSpace = textOf(word).trim() === ''
    if (width + (isSpace ? 0 : length) > columns && width > indent + HANGING) {
      // in a column behind the last one, the terminal would begin one more line for it
      if (textOf(lines.at(-1)?.at(-1) ?? '').trim() === '') lines.at(-1)?.pop()
      lines.push([' '.repeat(indent + HANGING)])
      width = indent + HANGING
      if (isSpace) continue
    }
    lines.at(-1)?.push(word)
    width += length
  }
  return lines
}

/** Words and the spaces between them, each with the look of its piece. What users may copy stays whole. */
function words(piece: Piece): readonly Piece[] {
  if (typeof piece !== 'string' && piece.look === 'literal') return [piece]
  const split = textOf(piece).match(WORDS) ?? []
  return typeof piece === 'string' ? split : split.map((text) => ({ ...piece, text }))
}
