import type { Log } from '../log.ts'

/** Milliseconds after which the same trouble is told again. */
const AGAIN = 60_000

/** Warnings of what goes on: once when it begins, then once a minute, and when it is over. */
export class Complaints {
  readonly #log: Log
  readonly #told = new Map<string, { readonly text: string; readonly at: number }>()

  constructor(log: Log) {
    this.#log = log
  }

  tell(about: string, text: string, now = performance.now()): void {
    const last = this.#told.get(about)
    if (last !== undefined && last.text === text && now < last.at + AGAIN) return
    this.#told.set(about, { text, at: now })
    this.#log.warn(text)
  }

  end(about: string): void {
    if (this.#told.delete(about)) this.#log.info('the API server answers again')
  }
}
