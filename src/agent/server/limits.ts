/**
 * What one agent gives to its clients, so that none of them can keep it from the others, or take the node's memory.
 * Times in milliseconds.
 */
export const limits = {
  /** Connections at once. */
  connections: 128,
  /** Of these, such that have not shown a certificate yet: for the next one, the oldest is closed. */
  handshakes: 32,
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
} as const
