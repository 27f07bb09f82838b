/**
 * Bytes in order: those that are here, and those that are in a file on this machine. So an image of any size is never
 * in memory as a whole.
 */
export type Piece = Uint8Array | LocalFile

export interface LocalFile {
  readonly file: string
  /** Bytes. */
  readonly size: number
}

/** How many bytes they are together. */
export function sizeOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, piece) => sum + (piece instanceof Uint8Array ? piece.length : piece.size), 0)
}
