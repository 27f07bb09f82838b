import { maxDepth } from '../max-depth.ts'
import type { Cursor } from './cursor.ts'

/** The columns at which the open block collections are; -1 outside of all. */
export class Indentation {
  current = -1
  readonly #outer: number[] = []

  /** A block collection may begin at this column: answers whether it does. */
  begin(column: number, cursor: Cursor): boolean {
    if (this.current >= column) return false
    this.#outer.push(this.current)
    this.current = column
    if (this.#outer.length > maxDepth) cursor.fail(`nested more than ${maxDepth} levels deep`)
    return true
  }

  /** Answers how many collections end where text is at this column. */
  endDeeperThan(column: number): number {
    let ended = 0
    while (this.current > column) {
      this.current = this.#outer.pop() ?? -1
      ended += 1
    }
    return ended
  }
}
