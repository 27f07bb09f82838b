import { createHash } from 'node:crypto'
import type { Sha256 } from '../model/brands.ts'
import type { Piece } from '../sysext/pieces.ts'
import { fileBytes } from './file-bytes.ts'

/** The bytes in order. A block is valid until the next one is read. */
export async function* bytesOf(pieces: readonly Piece[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) {
    if (piece instanceof Uint8Array) yield piece
    else yield* fileBytes(piece.file)
  }
}

export async function sha256OfPieces(pieces: readonly Piece[]): Promise<Sha256> {
  const hash = createHash('sha256')
  for await (const block of bytesOf(pieces)) hash.update(block)
  return hash.digest('hex') as Sha256
}
