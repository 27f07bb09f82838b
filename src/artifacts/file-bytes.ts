import { constants } from 'node:fs'
import { open } from 'node:fs/promises'

const blockSize = 1 << 18

/**
 * A file's bytes, block by block, in one buffer that is filled anew for each: a block is valid until the next is asked
 * for. A stream of Node's makes a buffer a block, and a binary sent to five hosts at once then takes more memory
 * (measured: 214 MB against 191).
 */
export async function* fileBytes(file: string): AsyncGenerator<Uint8Array> {
  const block = Buffer.allocUnsafe(blockSize)
  // never waits, because the path may no longer be a regular file
  await using handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK)
  for (;;) {
    const { bytesRead } = await handle.read(block, 0, blockSize)
    if (bytesRead === 0) return
    yield block.subarray(0, bytesRead)
  }
}
