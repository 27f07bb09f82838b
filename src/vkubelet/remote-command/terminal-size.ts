import * as z from 'zod'
import { jsonText } from '../../model/text/json-text.ts'

export interface TerminalSize {
  readonly width: number
  readonly height: number
}

/** The kernel's winsize has 16 bits each. */
const cells = z.int().min(0).max(65_535)
const size = jsonText.pipe(z.looseObject({ Width: cells, Height: cells }))

/** Characters of one size: a shorter one, and a longer one, is none. */
const SHORTEST = '{"Width":0,"Height":0}'.length
const LONGEST = 200

/**
 * Reads the resize stream: JSON objects without others in them, in pieces of any size; kubectl ends each with a newline, and
 * other clients do not. What is no size is dropped.
 */
export class TerminalSizes {
  #rest = ''

  /** @returns the last size that has come: the ones before it are over already */
  read(bytes: Buffer): TerminalSize | undefined {
    const objects = (this.#rest + bytes.toString('latin1')).split(/(?<=\})|\n/)
    const last = objects.pop() ?? ''
    this.#rest = (last.endsWith('}') ? '' : last).slice(0, LONGEST + 1)
    if (last.endsWith('}')) objects.push(last)
    let found: TerminalSize | undefined
    for (const object of objects) {
      if (object.length < SHORTEST || object.length > LONGEST) continue
      const { data } = size.safeParse(object)
      if (data !== undefined) found = { width: data.Width, height: data.Height }
    }
    return found
  }
}
