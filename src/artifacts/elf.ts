import type { FileHandle } from 'node:fs/promises'
import type { Arch } from '../model/cluster.ts'

/** e_machine (elf(5)). */
const machines: Readonly<Record<number, Arch>> = { 62: 'amd64', 183: 'arm64' }

const HEADER = 64
const PROGRAM_HEADER = 56
const SECTION_HEADER = 64
/** SHT_NOBITS: a section that has no bytes in the file. */
const NOBITS = 8

/** The machine for which an ELF file is made; undefined if it is not an ELF file. */
export async function elfMachine(file: FileHandle): Promise<Arch | 'another architecture' | undefined> {
  const header = await readAt(file, 0, 20)
  return isElf(header) ? (machines[header.readUInt16LE(18)] ?? 'another architecture') : undefined
}

/** Why a file can't be a complete 64-bit program: it is cut off, or is something else. Undefined for a complete one. */
export async function elfDamage(file: FileHandle): Promise<string | undefined> {
  const { size } = await file.stat()
  const header = await readAt(file, 0, HEADER)
  if (!isElf(header)) return `no program: ${startOf(header)}`
  if (header.length < HEADER) return 'the start of a program, and no more'
  // 64 bits, little endian; an executable or a position-independent one
  if (header[4] !== 2 || header[5] !== 1) return 'a program of 32 bits, or for a big-endian machine'
  if (![2, 3].includes(header.readUInt16LE(16))) return 'an ELF file that is not a program'
  const programs = await table(file, size, header, { offset: 32, entry: PROGRAM_HEADER, size: 54, count: 56 })
  const sections = await table(file, size, header, { offset: 40, entry: SECTION_HEADER, size: 58, count: 60 })
  if (programs === undefined || sections === undefined) return cutOff(size)
  if (programs.length === 0) return 'an ELF file with nothing to run'
  const ends = [
    ...programs.map((one) => one.readBigUInt64LE(8) + one.readBigUInt64LE(32)),
    ...sections
      .filter((one) => one.readUInt32LE(4) !== NOBITS)
      .map((one) => one.readBigUInt64LE(24) + one.readBigUInt64LE(32)),
  ]
  return ends.every((end) => end <= BigInt(size)) ? undefined : cutOff(size)
}

/**
 * The places in the header of a file that contain the offset of a table, the size of an entry and the number of
 * entries.
 */
interface Table {
  readonly offset: number
  readonly entry: number
  readonly size: number
  readonly count: number
}

/** Its entries; undefined if one points beyond the end of the file, or if the entries have another size. */
async function table(
  file: FileHandle,
  size: number,
  header: Buffer,
  at: Table,
): Promise<readonly Buffer[] | undefined> {
  const offset = header.readBigUInt64LE(at.offset)
  const count = header.readUInt16LE(at.count)
  if (count === 0) return []
  if (header.readUInt16LE(at.size) !== at.entry || offset + BigInt(count * at.entry) > BigInt(size)) return undefined
  const bytes = await readAt(file, Number(offset), count * at.entry)
  return Array.from({ length: count }, (_, index) => bytes.subarray(index * at.entry, (index + 1) * at.entry))
}

function isElf(header: Buffer): boolean {
  return header.length >= 20 && header.readUInt32BE(0) === 0x7f454c46
}

function cutOff(size: number): string {
  return `a program that is cut off: it has more than the ${size} bytes that are here`
}

/** What people pin by mistake. */
function startOf(header: Buffer): string {
  const text = header.toString('latin1').trimStart()
  if (text === '') return 'an empty file'
  if (text.startsWith('#!')) return 'a script'
  if (/^<(!doctype|html|head|\?xml)/i.test(text)) return 'a web page'
  // gzip, zip, zstd
  if (['\x1f\x8b', 'PK', '(\xb5/\xfd'].some((start) => text.startsWith(start))) return 'an archive'
  return 'it has no ELF header'
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position)
  return buffer.subarray(0, bytesRead)
}
