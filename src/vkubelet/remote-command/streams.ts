/** The streams of a connection, for those who answer on them: of SPDY, or the channels of a WebSocket. */
export interface Streams {
  /** @returns false where nobody reads it any more */
  write(stream: number, bytes: Buffer, isLast?: boolean): boolean
  /** Ends a stream at once, on both sides. @param status of `RESET` */
  reset(stream: number, status?: number): void
}
