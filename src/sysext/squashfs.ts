import { MetadataTable, type Position, u16, u32, u64 } from './metadata.ts'
import { type Packed, type Piece, sizeOf } from './pieces.ts'

/** A file, folder or link in the file system. Everything belongs to root. */
type Entry = Directory | File | Link

export interface Directory {
  readonly kind: 'directory'
  readonly entries: Readonly<Record<string, Entry>>
}

interface File {
  readonly kind: 'file'
  readonly mode: number
  /** Packed contents only where the image is of the form `lz4`. */
  readonly content: Packed | Piece
}

interface Link {
  readonly kind: 'link'
  readonly target: string
}

const superblockSize = 96
/** The number of bytes of a file that are compressed by themselves: mksquashfs takes as many. */
export const PACKED_BLOCK = 1 << 17
/** `stored`: the largest block that the format allows, because a large file then has the fewest blocks. */
const blockLog = { stored: 20, lz4: 17 } as const
/** In a file's list of block sizes: this block is not compressed. */
const rawBlock = 1 << 24
/** Not compressed: inodes, fragments, IDs. Not present: fragments, extended attributes. */
const flags = 0x0001 | 0x0008 | 0x0800 | 0x0010 | 0x0200
/** The data is not compressed; there is a block with the compressor's options. */
const own = { stored: 0x0002, lz4: 0x0400 } as const
/** The format requires the name of a compressor that the kernel knows (gzip), even if nothing is compressed. */
const compressor = { stored: 1, lz4: 5 } as const
/** The options of LZ4, which it requires: the version of its block format, and no flags. */
const options = { stored: Buffer.alloc(0), lz4: optionsOf(u32(1, 0)) } as const
const inodeType = { directory: 1, file: 2, link: 3 } as const
const noFragment = 0xffff_ffff
const noTable = 0xffff_ffff_ffff_ffffn
/** A header of a listing covers at most this number of entries, all with inodes in one block. */
const entriesPerHeader = 256
/** The kernel reads an image in blocks of up to this size. */
const deviceBlock = 4096

/** `stored`: file contents are in the image unchanged. `lz4`: large ones are packed, by `packFile`. */
export type Form = 'stored' | 'lz4'

/**
 * A squashfs 4.0 file system with the same bytes on every machine. It contains no time and no user of the machine that
 * makes it. Nothing is compressed by zlib, because its output differs between its versions. Without compression, keel
 * writes an image of any size in one pass.
 *
 * Source: Squashfs Binary Format, doc/format.adoc of squashfs-tools-ng (git.infraroot.at/squashfs-tools-ng.git).
 */
export function squashfs(root: Directory, form: Form = 'stored'): readonly Piece[] {
  return new Image(form).write(root)
}

interface Inode extends Position {
  readonly kind: Entry['kind']
  readonly number: number
}

class Image {
  readonly #form: Form
  readonly #inodes = new MetadataTable()
  readonly #listings = new MetadataTable()
  readonly #contents: Piece[] = []
  #count = 0

  constructor(form: Form) {
    this.#form = form
  }

  write(root: Directory): readonly Piece[] {
    const count = countOf(root)
    const top = this.#add(root, count + 1)
    const inodeTable = this.#end
    const inodes = this.#inodes.bytes()
    const listingTable = inodeTable + inodes.length
    const listings = this.#listings.bytes()
    // a block with the one ID that owners and groups refer to (root), then the position of that block
    const ids = new MetadataTable()
    ids.append(u32(0))
    const idBlock = listingTable + listings.length
    const idTable = idBlock + ids.bytes().length
    const end = idTable + 8
    const tail = Buffer.concat([
      inodes,
      listings,
      ids.bytes(),
      u64(BigInt(idBlock)),
      Buffer.alloc(-end & (deviceBlock - 1)),
    ])
    const superblock = Buffer.concat([
      Buffer.from('hsqs'),
      u32(count, 0, 1 << blockLog[this.#form], 0),
      u16(compressor[this.#form], blockLog[this.#form], flags | own[this.#form], 1, 4, 0),
      u64((BigInt(top.block) << 16n) | BigInt(top.offset), BigInt(end), BigInt(idTable), noTable),
      u64(BigInt(inodeTable), BigInt(listingTable), noTable, noTable),
    ])
    return [Buffer.concat([superblock, options[this.#form]]), ...this.#contents, tail]
  }

  /** Where the next file contents begin. */
  get #end(): number {
    return superblockSize + options[this.#form].length + sizeOf(this.#contents)
  }

  #add(entry: Entry, parent: number): Inode {
    this.#count += 1
    const number = this.#count
    const body = this.#body(entry, number, parent)
    const mode = entry.kind === 'file' ? entry.mode : entry.kind === 'link' ? 0o777 : 0o755
    const head = Buffer.concat([u16(inodeType[entry.kind], mode, 0, 0), u32(0, number)])
    return { kind: entry.kind, number, ...this.#inodes.append(Buffer.concat([head, body])) }
  }

  #body(entry: Entry, number: number, parent: number): Buffer {
    switch (entry.kind) {
      case 'directory':
        return this.#directory(entry, number, parent)
      case 'file':
        return this.#file(entry)
      case 'link':
        return Buffer.concat([u32(1, Buffer.byteLength(entry.target)), Buffer.from(entry.target)])
    }
  }

  #file({ content }: File): Buffer {
    const start = this.#end
    const { packed, size, blocks } = 'packed' in content ? content : unpacked(content, 1 << blockLog[this.#form])
    this.#contents.push(packed)
    return u32(start, noFragment, 0, size, ...blocks.map(({ bytes, isRaw }) => (isRaw ? bytes | rawBlock : bytes)))
  }

  /** Adds the children before their directory, because its listing contains their positions. */
  #directory({ entries }: Directory, number: number, parent: number): Buffer {
    const children = Object.entries(entries)
      .map(([name, entry]) => ({ name: Buffer.from(name), entry }))
      .toSorted((a, b) => Buffer.compare(a.name, b.name))
      .map(({ name, entry }) => ({ name, inode: this.#add(entry, number) }))
    const listing = headed(children).map(listingPart)
    const { block, offset } = this.#listings.append(Buffer.concat(listing))
    const folders = Object.values(entries).filter(({ kind }) => kind === 'directory').length
    // three bytes more than the listing has: for `.` and `..`, which are not stored
    const size = sizeOf(listing) + 3
    return Buffer.concat([u32(block, folders + 2), u16(size, offset), u32(parent)])
  }
}

function unpacked(content: Piece, blockSize: number): Packed {
  const size = sizeOf([content])
  const blocks = Array.from({ length: Math.ceil(size / blockSize) }, (_, index) => ({
    bytes: Math.min(blockSize, size - index * blockSize),
    isRaw: true,
  }))
  return { packed: content, size, blocks }
}

/** A block of metadata that is not compressed: its length, with the bit that says so, and its bytes. */
function optionsOf(bytes: Buffer): Buffer {
  return Buffer.concat([u16(bytes.length | 0x8000), bytes])
}

interface Named {
  readonly name: Buffer
  readonly inode: Inode
}

/** Splits children into runs that one header can cover. */
function headed(children: readonly Named[]): readonly (readonly Named[])[] {
  const runs: Named[][] = []
  for (const child of children) {
    const run = runs.at(-1)
    if (run?.[0]?.inode.block === child.inode.block && run.length < entriesPerHeader) run.push(child)
    else runs.push([child])
  }
  return runs
}

function listingPart(run: readonly Named[]): Buffer {
  const [first] = run
  if (first === undefined) return Buffer.alloc(0)
  const entries = run.map(({ name, inode }) =>
    Buffer.concat([u16(inode.offset, inode.number - first.inode.number, inodeType[inode.kind], name.length - 1), name]),
  )
  return Buffer.concat([u32(run.length - 1, first.inode.block, first.inode.number), ...entries])
}

function countOf(entry: Entry): number {
  return entry.kind === 'directory' ? Object.values(entry.entries).reduce((sum, child) => sum + countOf(child), 1) : 1
}
