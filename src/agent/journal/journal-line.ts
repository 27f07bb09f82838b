/**
 * A line of `/v1/services/UNIT/journal`. All of it is what a program has written, so it may contain anything: who shows
 * it on a terminal makes control characters visible.
 */
export interface JournalLine {
  /** RFC 3339, UTC, with microseconds. */
  readonly time: string
  readonly unit: string
  /** syslog(3): from 0, the machine is unusable, to 7, for debugging. */
  readonly priority: number
  readonly message: string
  /** The message was longer: the rest is not here. */
  readonly cut?: true
}
