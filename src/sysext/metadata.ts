const blockSize = 8192
const uncompressed = 0x8000

/**
 * Where a part begins in a squashfs table: the position of the block from the start of the table on the disk, and the
 * position in that block.
 */
export interface Position {
  readonly block: number
  readonly offset: number
}

/**
 * A table of squashfs metadata, whose parts refer to each other by position. It consists of blocks of 8 KiB. Before
 * each block are two bytes: its length, and a bit that says it is not compressed (Squashfs Binary Format, "Packing
 * Metadata").
 */
export class MetadataTable {
  readonly #parts: Buffer[] = []
  #length = 0

  /** Where the next part will begin. */
  get end(): Position {
    return { block: Math.floor(this.#length / blockSize) * (blockSize + 2), offset: this.#length % blockSize }
  }

  /** Appends a part. @returns where it begins */
  append(part: Buffer): Position {
    const start = this.end
    this.#parts.push(part)
    this.#length += part.length
    return start
  }

  /** The table in its form on the disk. */
  bytes(): Buffer {
    const all = Buffer.concat(this.#parts)
    const blocks: Buffer[] = []
    for (let at = 0; at < all.length; at += blockSize) {
      const block = all.subarray(at, at + blockSize)
      blocks.push(u16(block.length | uncompressed), block)
    }
    return Buffer.concat(blocks)
  }
}

/** The integers of squashfs are little-endian. */
export function u16(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2)
  values.forEach((value, index) => {
    bytes.writeUInt16LE(value & 0xffff, index * 2)
  })
  return bytes
}

export function u32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  values.forEach((value, index) => {
    bytes.writeUInt32LE(value, index * 4)
  })
  return bytes
}

export function u64(...values: readonly bigint[]): Buffer {
  const bytes = Buffer.alloc(values.length * 8)
  values.forEach((value, index) => {
    bytes.writeBigUInt64LE(value, index * 8)
  })
  return bytes
}
