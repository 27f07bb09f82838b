import type { JournalEntry } from './journal-entry.ts'
import type { LogQuery } from './log-query.ts'

const NEWLINE = Buffer.from('\n')

/** The text of a log as its reader gets it: lines that journald has cut are whole again. */
export class LogText {
  readonly #timestamps: boolean
  #left: number
  /** The stream whose line is not at its end. */
  #open: string | undefined

  constructor({ timestamps, limit }: Pick<LogQuery, 'timestamps' | 'limit'>) {
    this.#timestamps = timestamps
    this.#left = limit ?? Number.POSITIVE_INFINITY
  }

  /** No more than so many bytes were wanted. */
  get isFull(): boolean {
    return this.#left <= 0
  }

  add({ time, bytes, stream, goesOn }: JournalEntry): Buffer {
    const continues = this.#open === stream
    const parts = [
      // the other stream has written between two parts of a line
      ...(this.#open !== undefined && !continues ? [NEWLINE] : []),
      ...(this.#timestamps && !continues ? [Buffer.from(`${stamp(time)} `)] : []),
      bytes,
      ...(goesOn ? [] : [NEWLINE]),
    ]
    this.#open = goesOn ? stream : undefined
    const text = Buffer.concat(parts)
    const kept = text.length > this.#left ? text.subarray(0, this.#left) : text
    this.#left -= kept.length
    return kept
  }
}

/** Kubernetes' RFC3339NanoFixed, in UTC. */
function stamp(microseconds: number): string {
  const fraction = `${microseconds % 1_000_000}`.padStart(6, '0')
  return `${new Date(Math.floor(microseconds / 1_000_000) * 1000).toISOString().slice(0, 19)}.${fraction}000Z`
}
