import { createHash } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { notWritten } from '../files/not-written.ts'
import type { Sha256 } from '../model/brands.ts'
import type { Piece } from '../sysext/pieces.ts'
import { bytesOf } from './bytes-of.ts'

/**
 * Writes an image as a whole or not at all.
 * @param accept told its hash before it is in place; throws if it is another one than wanted
 * @returns its hash
 * @throws KeelError `not-written` if the disk refuses
 */
export async function writeImage(
  pieces: readonly Piece[],
  into: string,
  { accept, signal }: { readonly accept?: (sha256: Sha256) => void; readonly signal?: AbortSignal | undefined } = {},
): Promise<Sha256> {
  const partial = `${into}.${process.pid}.partial`
  const hash = createHash('sha256')
  try {
    {
      await using file = await open(partial, 'wx')
      for await (const block of bytesOf(pieces)) {
        signal?.throwIfAborted()
        hash.update(block)
        await file.writeFile(block)
      }
      await file.sync()
    }
    const sha256 = hash.digest('hex') as Sha256
    accept?.(sha256)
    await rename(partial, into)
    return sha256
  } catch (error) {
    throw notWritten(error, into)
  } finally {
    await rm(partial, { force: true })
  }
}
