/** What a piece of text means to a reader. Only src/ui/style.ts decides how that looks on a terminal. */
export type Look =
  | 'host'
  | 'command'
  | 'added'
  | 'changed'
  | 'removed'
  | 'restarted'
  | 'step'
  | 'aside'
  | 'good'
  | 'warning'
  | 'fault'
  | 'heading'
  | 'strong'
  | 'literal'

export interface Span {
  readonly text: string
  readonly look: Look
}

export type Piece = string | Span

/** The pieces of one line. A line break in a value never begins a line. */
export type StyledLine = readonly Piece[]

/** Lines for a person: data, without any code for a terminal. */
export type StyledText = readonly StyledLine[]

export function styled(look: Look, text: string): Span {
  return { look, text }
}

/** Text that keel has laid out in lines already. */
export function linesOf(text: string): StyledText {
  return text.split('\n').map((line) => [line])
}

/** The same words without looks. */
export function plainText(text: StyledText): string {
  return text.map((line) => line.map(textOf).join('')).join('\n')
}

export function textOf(piece: Piece): string {
  return typeof piece === 'string' ? piece : piece.text
}

/** The columns that pieces take, if each character takes one. */
export function widthOf(line: StyledLine): number {
  return line.reduce((sum, piece) => sum + [...textOf(piece)].length, 0)
}
