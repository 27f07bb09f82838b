/** What one connection of a client may cost this Node. Bytes, where nothing else is said. */
export const limits = {
  /** Of its payload. Data has no limit but the 16 MiB of SPDY: it is passed on as it arrives, and costs no memory. */
  controlFrame: 16_384,
  /** Of a header block, when it is decompressed. */
  headerBlock: 16_384,
  headers: 64,
  /** Streams that are open at once, and in all: exec has five, a port-forward two for each connection. */
  streams: 512,
  allStreams: 100_000,
} as const
