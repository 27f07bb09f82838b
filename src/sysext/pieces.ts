/**
 * Bytes in order: some are in memory, others in a file on this machine. So an image of any size is never in memory as a
 * whole.
 */
export type Piece = Uint8Array | LocalFile

export interface LocalFile {
  readonly file: string
  /** Its number of bytes. */
  readonly size: number
}

/** The number of bytes of all pieces. */
export function sizeOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, piece) => sum + (piece instanceof Uint8Array ? piece.length : piece.size), 0)
}

/** The contents of a file as an image has them: block by block. */
export interface Packed {
  readonly packed: Piece
  /** The number of bytes of the file. */
  readonly size: number
  readonly blocks: readonly PackedBlock[]
}

export interface PackedBlock {
  readonly bytes: number
  /** It would not have become smaller. */
  readonly isRaw: boolean
}
