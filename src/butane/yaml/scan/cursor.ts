import type { Mark } from '../node.ts'
import { YamlError } from '../yaml-error.ts'
import type { Characters } from './characters.ts'

/**
 * A place while scanning. `line` and `column` count from 0, and `index` counts characters from the start of the text.
 */
export interface Position {
  readonly index: number
  readonly line: number
  readonly column: number
}

export function markAt({ line, column }: Position): Mark {
  return { line: line + 1, column: column + 1 }
}

/** The character that the end of the text returns. YAML does not allow it in a text. */
export const end = '\0'

/** Line breaks of YAML 1.1. NEL, LS and PS are among them. */
export function isBreak(character: string): boolean {
  return (
    character === '\n' || character === '\r' || character === '\x85' || character === '\u2028' || character === '\u2029'
  )
}
export function isBlank(character: string): boolean {
  return character === ' ' || character === '\t'
}
export function isBreakOrEnd(character: string): boolean {
  return isBreak(character) || character === end
}
export function isBlankOrEnd(character: string): boolean {
  return isBlank(character) || isBreakOrEnd(character)
}
/** Characters of anchors, names of directives and handles of tags. */
export function isWord(character: string): boolean {
  return /^[0-9A-Za-z_-]$/.test(character)
}

/** Walks over the text and counts lines and columns. */
export class Cursor {
  readonly text: string
  readonly #broken: YamlError | undefined
  line = 0
  column = 0
  index = 0
  #offset = 0
  #contentLine = 0

  constructor({ text, broken }: Characters) {
    this.text = text
    this.#broken = broken
  }

  /**
   * The character at this distance in UTF-16 units. It may be half of one beyond U+FFFF, which has no meaning in YAML.
   */
  peek(ahead = 0): string {
    return this.text[this.#offset + ahead] ?? this.#pastEnd()
  }

  #pastEnd(): string {
    if (this.#broken !== undefined) throw this.#broken
    return end
  }

  position(): Position {
    return { index: this.index, line: this.line, column: this.column }
  }

  /** Skips one character that is not a line break, and returns it. */
  take(): string {
    const high = this.text.charCodeAt(this.#offset)
    const width = high >= 0xd800 && high < 0xdc00 ? 2 : 1
    const taken = this.text.slice(this.#offset, this.#offset + width)
    if (!isBlank(taken)) this.#contentLine = this.line
    this.#offset += width
    this.column += 1
    this.index += 1
    return taken
  }

  /** Whether only blanks have been read since the last line break. */
  get onFreshLine(): boolean {
    return this.line !== this.#contentLine
  }

  skip(count = 1): void {
    for (let left = count; left > 0; left -= 1) this.take()
  }

  /** Skips a line break and returns its meaning: LS and PS stay, every other one becomes a line feed. */
  takeBreak(): string {
    const first = this.peek()
    const width = first === '\r' && this.peek(1) === '\n' ? 2 : 1
    this.#offset += width
    this.index += width
    this.line += 1
    this.column = 0
    return first === '\u2028' || first === '\u2029' ? first : '\n'
  }

  /** The end of the text counts as the start of another line. */
  endLine(): void {
    if (this.column === 0) return
    this.line += 1
    this.column = 0
  }

  takeWhile(accepts: (character: string) => boolean): string {
    const start = this.#offset
    while (accepts(this.peek())) this.take()
    return this.text.slice(start, this.#offset)
  }

  skipBlanks(): void {
    while (isBlank(this.peek())) this.take()
  }

  skipToLineEnd(): void {
    while (!isBreakOrEnd(this.peek())) this.take()
  }

  /** `---` or `...` at the start of a line, followed by white space or the end. */
  atDocumentIndicator(): boolean {
    if (this.column !== 0 || !isBlankOrEnd(this.peek(3))) return false
    const three = this.text.slice(this.#offset, this.#offset + 3)
    return three === '---' || three === '...'
  }

  /**
   * yaml.v3 names the line at which the faulty construct begins. If that is the first line, it names the line at which
   * it found the error.
   */
  fail(problem: string, began: Position = this.position()): never {
    const line = began.line > 0 ? began.line : this.line
    throw new YamlError(problem, line > 0 ? line + 1 : undefined)
  }
}
