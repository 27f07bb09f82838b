import { maxDepth } from '../max-depth.ts'
import type { Cursor } from './cursor.ts'

/** The columns of the open block collections; -1 outside of all. */
export class Indentation {
  current = -1
  readonly #outer: number[] = []

  /** Begins a block collection at this column, if one may begin there. @returns whether it did */
  begin(column: number, cursor: Cursor): boolean {
    if (this.current >= column) return false
    this.#outer.push(this.current)
    this.current = column
    if (this.#outer.length > maxDepth) cursor.fail(`nested more than ${maxDepth} levels deep`)
    return true
  }

  /** Ends the collections that are deeper than this column. @returns their number */
  endDeeperThan(column: number): number {
    let ended = 0
    while (this.current > column) {
      this.current = this.#outer.pop() ?? -1
      ended += 1
    }
    return ended
  }
}
