/** The last line of each stream of lines that the agent itself ends. Without it, the connection broke. */
export interface StreamEnd {
  readonly end: EndReason
}

/**
 * `complete`: nothing more was asked for. `expired`: the certificate of the client has. `too-slow`: the client did not
 * read. `too-long`: the stream is as long as the agent lets one be; the client may ask for the rest. `failed`: what the
 * lines come from has failed, the journal of the agent says more. `stopping`: the agent stops.
 */
export type EndReason = 'complete' | 'expired' | 'too-slow' | 'too-long' | 'failed' | 'stopping'

interface Progress {
  readonly now: number
  readonly began: number
  /** When the certificate of the client ends. */
  readonly ends: number
  /** Since when the client has read nothing of what is there for it. */
  readonly blockedSince?: number
}

interface Limits {
  readonly streamTime: number
  readonly blockedTime: number
}

/** Why a stream has to end now, if it has to. Times in milliseconds; `began` and `blockedSince` by a clock that does not jump. */
export function endOf(
  { now, began, ends, blockedSince }: Progress,
  { streamTime, blockedTime }: Limits,
  monotonic: number,
): EndReason | undefined {
  if (now >= ends) return 'expired'
  if (blockedSince !== undefined && monotonic - blockedSince >= blockedTime) return 'too-slow'
  return monotonic - began >= streamTime ? 'too-long' : undefined
}
