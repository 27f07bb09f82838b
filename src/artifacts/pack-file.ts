import { open } from 'node:fs/promises'
import { Lz4 } from '../sysext/lz4.ts'
import type { LocalFile, Packed, PackedBlock } from '../sysext/pieces.ts'
import { PACKED_BLOCK } from '../sysext/squashfs.ts'

/**
 * Compresses a file for an image of the form `lz4`, block by block.
 * @param into the file for the blocks; must not be there
 * @throws the error of the system, of `signal`
 */
export async function packFile({ file, size }: LocalFile, into: string, signal?: AbortSignal): Promise<Packed> {
  const lz4 = new Lz4(PACKED_BLOCK)
  const block = Buffer.allocUnsafe(PACKED_BLOCK)
  const blocks: PackedBlock[] = []
  await using source = await open(file)
  await using target = await open(into, 'wx', 0o600)
  let written = 0
  for (let at = 0; at < size; at += PACKED_BLOCK) {
    signal?.throwIfAborted()
    const bytes = block.subarray(0, Math.min(PACKED_BLOCK, size - at))
    const { bytesRead } = await source.read(bytes, 0, bytes.length, at)
    if (bytesRead !== bytes.length) throw new Error(`${file} has become shorter`)
    const small = lz4.compress(bytes)
    const stored = small ?? bytes
    blocks.push({ bytes: stored.length, isRaw: small === undefined })
    await target.writeFile(stored)
    written += stored.length
  }
  return { packed: { file: into, size: written }, size, blocks }
}
