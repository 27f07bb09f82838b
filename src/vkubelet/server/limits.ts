/** What the server gives to its clients. Times in milliseconds. */
export const limits = {
  /** At once. */
  connections: 256,
  /** Of these, such that have not finished their handshake. */
  handshakes: 64,
  /** Of these, such without a certificate: a program with a token, or a stranger. */
  strangers: 32,
  handshakeTime: 5_000,
  /** From the first byte of a request to the last one of its headers. */
  headersTime: 5_000,
  requestTime: 10_000,
  /** An open connection without a request. */
  idleTime: 60_000,
  checkEvery: 1_000,
  /** The whole command of `kubectl exec` is in the first line. */
  headerBytes: 65_536,
  /** Commands, forwards and logs that are open at once. */
  streams: 128,
  /** Of one message of a WebSocket, and the frames that it comes in. kubectl's have 32 KiB. */
  messageBytes: 1_048_576,
  messageFragments: 1_024,
  /** For a client to close its WebSocket, after it was told that it must. */
  closingTime: 10_000,
} as const
