import { constants } from 'node:fs'
import { open } from 'node:fs/promises'

const blockSize = 1 << 18

/**
 * The bytes of a file, block by block, in one buffer that is filled again for each block. A block is valid until the
 * next one is read. A stream of Node makes a new buffer for each block, and then sending a binary to five hosts at once
 * takes more memory (measured: 214 MB instead of 191).
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
