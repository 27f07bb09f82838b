import { maxDepth } from '../max-depth.ts'
import type { Cursor, Position } from './cursor.ts'

export interface SimpleKey {
  /** Number of the token that would be the key, counted from the start of the text. */
  readonly token: number
  readonly required: boolean
  readonly start: Position
}

/** The places where a key without `?` may have begun, one for each level of brackets (YAML 1.2 section 7.4.2). */
export class SimpleKeys {
  readonly #levels: (SimpleKey | undefined)[] = [undefined]

  get inFlow(): boolean {
    return this.#levels.length > 1
  }

  enterFlow(cursor: Cursor): void {
    this.#levels.push(undefined)
    if (this.#levels.length - 1 > maxDepth) cursor.fail(`nested more than ${maxDepth} levels deep`)
  }

  leaveFlow(): void {
    if (this.inFlow) this.#levels.pop()
  }

  remember(token: number, required: boolean, cursor: Cursor): void {
    this.forget(cursor)
    this.#levels[this.#levels.length - 1] = { token, required, start: cursor.position() }
  }

  /** What begins here does not continue a key. */
  forget(cursor: Cursor): void {
    const level = this.#levels.length - 1
    const key = this.#levels[level]
    if (key?.required) missingColon(cursor, key)
    this.#levels[level] = undefined
  }

  /** The key for a colon at the cursor. */
  takeValid(cursor: Cursor): SimpleKey | undefined {
    const level = this.#levels.length - 1
    const key = this.#stillPossible(level, cursor)
    this.#levels[level] = undefined
    return key
  }

  /** Whether that token may still become a key. */
  mayBegin(token: number, cursor: Cursor): boolean {
    const level = this.#levels.findIndex((key) => key?.token === token)
    return level >= 0 && this.#stillPossible(level, cursor) !== undefined
  }

  /** A key ends on its line, and within 1,024 characters. */
  #stillPossible(level: number, cursor: Cursor): SimpleKey | undefined {
    const key = this.#levels[level]
    if (key === undefined) return undefined
    if (key.start.line === cursor.line && key.start.index + 1024 >= cursor.index) return key
    if (key.required) missingColon(cursor, key)
    this.#levels[level] = undefined
    return undefined
  }
}

function missingColon(cursor: Cursor, key: SimpleKey): never {
  return cursor.fail('a key without a colon behind it on its line', key.start)
}
