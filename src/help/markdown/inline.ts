import { type Look, type Piece, type StyledLine, textOf, widthOf } from '../../model/text/styled-text.ts'

/** What no line break may be in. */
type Word = readonly Piece[]

/** How the text of a page is shown. */
export interface Inline {
  /** `code` keeps its backticks where no colour shows it. */
  readonly backticks: boolean
  /** What follows the text of a link. */
  readonly target: (href: string) => string | undefined
}

const INLINE = /`([^`]+)`|\*\*([^*]+)\*\*|!\[([^\]]*)\]\([^)]*\)|\[((?:`[^`]*`|[^\]`])+)\]\(([^)]*)\)|\\([|*_`[\]])/

/** The pieces of a text, with the look of each. */
export function piecesOf(text: string, inline: Inline, look?: Look): readonly Piece[] {
  const found = INLINE.exec(text)
  if (found === null) return text === '' ? [] : [withLook(text, look)]
  const [whole, code, strong, picture, link, href = '', escaped] = found
  const inner = (): readonly Piece[] => {
    if (code !== undefined) return [{ text: inline.backticks ? whole : code, look: 'literal' }]
    if (strong !== undefined) return piecesOf(strong, inline, 'strong')
    if (picture !== undefined) return [withLook(`[picture: ${picture}]`, look)]
    if (link === undefined) return [withLook(escaped ?? '', look)]
    const target = inline.target(href)
    return [...piecesOf(link, inline, look), ...(target === undefined ? [] : piecesOf(` (${target})`, inline, look))]
  }
  return [
    ...piecesOf(text.slice(0, found.index), inline, look),
    ...inner(),
    ...piecesOf(text.slice(found.index + whole.length), inline, look),
  ]
}

function withLook(text: string, look: Look | undefined): Piece {
  return look === undefined ? text : { text, look }
}

export function longestWord(pieces: readonly Piece[]): number {
  return Math.max(0, ...wordsOf(pieces).map(widthOf))
}

/** Lines of at most `width` columns; a longer word has a line of its own. */
export function wrapPieces(pieces: readonly Piece[], width: number): readonly StyledLine[] {
  const lines: Piece[][] = []
  let [line, used] = [[] as Piece[], 0]
  for (const word of wordsOf(pieces)) {
    const length = widthOf(word)
    if (used > 0 && used + 1 + length > width) {
      lines.push(line)
      ;[line, used] = [[], 0]
    }
    if (used > 0) append(line, lookOf(line.at(-1)) === lookOf(word[0]) ? withLook(' ', lookOf(word[0])) : ' ')
    for (const piece of word) append(line, piece)
    used += length + (used > 0 ? 1 : 0)
  }
  return used > 0 ? [...lines, line] : lines
}

/** Adds to the last piece if that looks the same. */
function append(line: Piece[], piece: Piece): void {
  const last = line.at(-1)
  if (last === undefined || lookOf(last) !== lookOf(piece)) line.push(piece)
  else line[line.length - 1] = withLook(textOf(last) + textOf(piece), lookOf(piece))
}

function lookOf(piece: Piece | undefined): Look | undefined {
  return typeof piece === 'object' ? piece.look : undefined
}

/** Pieces without a space between them are one word: `keel` and the comma behind it. */
function wordsOf(pieces: readonly Piece[]): readonly Word[] {
  const words: Piece[][] = [[]]
  for (const piece of pieces)
    for (const part of textOf(piece).split(/(\s+)/)) {
      if (/^\s+$/.test(part)) words.push([])
      else if (part !== '') words.at(-1)?.push(typeof piece === 'string' ? part : { ...piece, text: part })
    }
  return words.filter((word) => word.length > 0)
}
