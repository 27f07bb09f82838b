import type { Log } from '../log.ts'
import type { Client } from './client.ts'

/** Milliseconds between two lines about the same refusal. */
const AGAIN = 60_000

interface Told {
  readonly at: number
  /** How many came after it without a line. */
  more: number
}

/**
 * A line for each request of an operator. Of others only refused ones, and once a minute for each status, with a count:
 * nobody who may only look can fill the journal.
 */
export class RequestLog {
  readonly #log: Log
  readonly #told = new Map<number, Told>()

  constructor(log: Log) {
    this.#log = log
  }

  tell({ role, name }: Client, request: string, status: number, now = performance.now()): void {
    const line = `${role ?? 'nobody'} ${name}: ${request} ${status}`
    if (role === 'operator') this.#log.info(line)
    else if (status < 400) this.#log.debug(line)
    else this.#tellRefused(line, status, now)
  }

  #tellRefused(line: string, status: number, now: number): void {
    const last = this.#told.get(status)
    if (last !== undefined && now < last.at + AGAIN) {
      last.more += 1
      return
    }
    this.#told.set(status, { at: now, more: 0 })
    const more = last === undefined || last.more === 0 ? '' : `, after ${last.more} more with ${status}`
    this.#log.info(`${line}${more}`)
  }
}
