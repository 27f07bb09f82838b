import { HelperError } from './helper-error.ts'

/** A line of somebody else's, up to a limit. */
export interface BoundedLine {
  readonly text: string
  /** The line was longer. */
  readonly isCut: boolean
}

const NEWLINE = 10

/** Bytes of one line that nobody wants: after these, the line has no end. */
const MOST_SKIPPED = 134_217_728

/**
 * The lines of a stream. It reads on only when the next line is asked for, and keeps no more of a line than `most`
 * bytes, so an endless line takes no memory. What comes after the last end of a line is no line.
 * @throws HelperError where a line is longer than `mostSkipped` bytes
 */
export async function* boundedLines(
  source: AsyncIterable<Buffer>,
  most: number,
  mostSkipped = MOST_SKIPPED,
): AsyncGenerator<BoundedLine> {
  let parts: Buffer[] = []
  let size = 0
  let isCut = false
  let skipped = 0
  const keep = (bytes: Buffer) => {
    const room = most - size
    isCut ||= bytes.length > room
    const kept = bytes.subarray(0, room)
    if (kept.length === 0) return
    // a copy, because a short part would keep its whole chunk in memory
    parts.push(Buffer.from(kept))
    size += kept.length
  }
  for await (const chunk of source) {
    let from = 0
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
      keep(chunk.subarray(from, at))
      yield { text: Buffer.concat(parts).toString(), isCut }
      parts = []
      size = 0
      isCut = false
      skipped = 0
      from = at + 1
    }
    keep(chunk.subarray(from))
    skipped += chunk.length - from
    if (skipped > mostSkipped) throw new HelperError('the helper sends a line without end')
  }
}
