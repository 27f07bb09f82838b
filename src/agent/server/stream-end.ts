/** The last line of each stream of lines that the agent itself ends. Without it, the connection broke. */
export interface StreamEnd {
  readonly end: EndReason
}

/**
 * `complete`: nothing more was asked for. `expired`: the certificate of the client has. `too-slow`: the client did not
 * read. `too-long`: the stream is as long as the agent lets one be; the client may ask for the rest. `failed`: what the
 * lines come from has failed, the journal of the agent says more. `stopping`: the agent stops.
 */
type EndReason = 'complete' | 'expired' | 'too-slow' | 'too-long' | 'failed' | 'stopping'
