import * as z from 'zod'
import { jsonText } from '../../model/text/json-text.ts'

export interface TerminalSize {
  readonly width: number
  readonly height: number
}

/** The kernel's winsize has 16 bits each. */
const cells = z.int().min(0).max(65_535)
const size = jsonText.pipe(z.looseObject({ Width: cells, Height: cells }))

/** Characters of one size: a longer one is none. */
const LONGEST = 200

/** Reads the resize stream: a JSON object a line, in pieces of any size. What is no size is dropped. */
export class TerminalSizes {
  #rest = ''

  /** @returns the last size that has come: the ones before it are over already */
  read(bytes: Buffer): TerminalSize | undefined {
    const lines = (this.#rest + bytes.toString('latin1')).split('\n')
    this.#rest = (lines.pop() ?? '').slice(0, LONGEST + 1)
    let found: TerminalSize | undefined
    for (const line of lines) {
      const { data } = size.safeParse(line.length > LONGEST ? '' : line)
      if (data !== undefined) found = { width: data.Width, height: data.Height }
    }
    return found
  }
}
