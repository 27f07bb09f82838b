/** The options that a unit file sets: the section of each one, in order. Ignition needs no more. */
export interface UnitOption {
  readonly section: string
}

// go-systemd refuses a line of a length at which systemd itself would cut it, but it sees only what Go's buffered
// reader has already read
const longestLine = 2048
const buffer = 4096

/**
 * Reads a unit like go-systemd's `unit.Deserialize`.
 * @throws {UnitError} for a unit that this refuses
 */
export function parseUnitFile(bytes: Uint8Array): readonly UnitOption[] {
  return new UnitReader(bytes).options()
}

export class UnitError extends Error {
  override readonly name = 'UnitError'
}

const lf = 0x0a
const cr = 0x0d
const backslash = 0x5c

class UnitReader {
  readonly #bytes: Uint8Array
  #at = 0
  /** The position up to which the buffered reader has read. */
  #read = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  options(): UnitOption[] {
    const options: UnitOption[] = []
    let section: string | undefined
    while (this.#at < this.#bytes.length) {
      this.#checkLine()
      const character = this.#next()
      if (character === '[') {
        section = this.#sectionName()
        this.#checkLine()
        this.#expectLineEnd()
      } else if (character === '#' || character === ';') {
        this.#checkLine()
        this.#skipComment()
      } else if (section !== undefined && !isSpace(character)) {
        this.#back(character)
        this.#checkLine()
        this.#optionName()
        this.#optionValue()
        options.push({ section })
      }
    }
    return options
  }

  #sectionName(): string {
    this.#checkLine()
    const close = this.#bytes.indexOf(0x5d, this.#at)
    if (close < 0) throw new UnitError('a section begins with [ and has no ] behind it')
    const name = Buffer.from(this.#bytes.subarray(this.#at, close)).toString('latin1')
    this.#consumeTo(close + 1)
    return name
  }

  #expectLineEnd(): void {
    const line = this.#line()
    if (!isBlankLine(line))
      throw new UnitError(
        `nothing may follow the ] of a section on its line, but ${JSON.stringify(Buffer.from(line).toString().trim())} does`,
      )
  }

  /** A backslash at the end of a comment makes the next line a comment too. */
  #skipComment(): void {
    while (lastBesidesSpace(this.#line()) === backslash);
  }

  #optionName(): void {
    for (;;) {
      if (this.#at >= this.#bytes.length)
        throw new UnitError('the last line has no =; an option is written as Name=value')
      const character = this.#next()
      if (character === '\n' || character === '\r') {
        throw new UnitError('a line without =; an option is written as Name=value')
      }
      if (character === '=') return
    }
  }

  #optionValue(): void {
    for (;;) {
      this.#checkLine()
      const line = this.#line()
      if (isBlankLine(line) || line.at(-1) !== backslash) return
    }
  }

  #line(): Uint8Array {
    const start = this.#at
    const found = this.#bytes.indexOf(lf, start)
    const stop = found < 0 ? this.#bytes.length : found + 1
    this.#consumeTo(stop)
    // Go's code removes the carriage return before it removes the line feed, so a carriage return before a line feed
    // stays
    const line = this.#bytes.subarray(start, found < 0 ? stop : found)
    return found < 0 && line.at(-1) === cr ? line.subarray(0, -1) : line
  }

  #next(): string {
    const lead = this.#bytes[this.#at] ?? 0
    const width = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
    const bytes = this.#bytes.subarray(this.#at, this.#at + width)
    const text = new TextDecoder().decode(bytes)
    const whole = lead < 0x80 || (bytes.length === width && [...text].length === 1 && text !== '\ufffd')
    this.#consumeTo(this.#at + (whole ? width : 1))
    return whole ? text : '\ufffd'
  }

  #back(character: string): void {
    this.#at -= character === '\ufffd' ? 1 : Buffer.byteLength(character)
  }

  /** The buffered reader reads more only when its contents are not enough. From then on it has one full buffer. */
  #consumeTo(place: number): void {
    let from = this.#at
    while (this.#read < place) {
      this.#read = Math.min(from + buffer, this.#bytes.length)
      from = this.#read
    }
    this.#at = place
  }

  #checkLine(): void {
    if (this.#read - this.#at < longestLine) return
    const ahead = this.#bytes.subarray(this.#at, this.#at + longestLine)
    if (!ahead.includes(lf) && !ahead.includes(cr)) throw new UnitError(`line too long (max ${longestLine} bytes)`)
  }
}

// Unicode's White_Space, like Go's unicode.IsSpace
function isSpace(character: string): boolean {
  return /^[\t\n\v\f\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]$/.test(character)
}

function isBlankLine(line: Uint8Array): boolean {
  return [...Buffer.from(line).toString()].every(isSpace)
}

function lastBesidesSpace(line: Uint8Array): number | undefined {
  return line.at(-1) === 0x20 ? line.at(-2) : line.at(-1)
}
