/**
 * What one agent gives to its clients, so that none of them can keep it from the others, or take the node's memory.
 * Times in milliseconds.
 */
export const limits = {
  /** Connections at once. */
  connections: 128,
  /** Of these, such that have not shown a certificate yet: for the next one, an older one is closed. */
  handshakes: 64,
  /** Of the connections, those of clients with one name. */
  ofOneClient: 32,
  handshakeTime: 5_000,
  /** From the first byte of a request to the last one of its headers. */
  headersTime: 5_000,
  requestTime: 10_000,
  /** An open connection without a request. */
  idleTime: 30_000,
  /** Between two looks for connections that have used up their time. */
  checkEvery: 1_000,
  headerBytes: 8_192,
  /** Streams at once, and of these those of one client. */
  streams: 16,
  streamsOfOneClient: 4,
  /** A stream may last so long; the helper ends a journal a little later. */
  streamTime: 3_600_000,
  /** A client of a stream may read nothing for so long. */
  blockedTime: 30_000,
  /** For a client that reads nothing to take the last line, before its connection is closed. */
  lastLine: 2_000,
} as const
