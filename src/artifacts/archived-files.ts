/** The blocks of a tar archive (POSIX pax interchange format, "ustar Interchange Format"). */
const BLOCK = 512
const FILE = ['0', '\0']
const FOLDER = '5'

export interface ArchiveLimits {
  readonly entries: number
  /** Bytes of all files. */
  readonly bytes: number
}

export interface ArchivedFile {
  /** A plain name, not a path. */
  readonly name: string
  readonly content: Buffer
}

/**
 * The files of a tar archive that has nothing but files with plain names, and their folder. A file is in memory as a
 * whole, one at a time.
 * @throws Error for an archive that is damaged or cut off, and for one with a link, a path, a name twice, or more than
 * the limits
 */
export async function* archivedFiles(
  archive: AsyncIterable<Uint8Array>,
  limits: ArchiveLimits,
): AsyncGenerator<ArchivedFile> {
  const reader = new Reader(archive)
  const names = new Set<string>()
  let bytes = 0
  for (let entries = 0; ; entries += 1) {
    const header = await reader.take(BLOCK)
    if (header.every((byte) => byte === 0)) break
    if (entries === limits.entries) throw new Error(`the archive has more than ${limits.entries} entries`)
    const { path, size, type } = entryOf(header)
    if (type === FOLDER && size === 0 && ['.', './'].includes(path)) continue
    const name = path.replace(/^\.\//, '')
    if (!FILE.includes(type)) throw new Error(`the archive has ${JSON.stringify(path)}, which is not a file`)
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name))
      throw new Error(`the archive has a file with the name ${JSON.stringify(path)}`)
    if (names.has(name)) throw new Error(`the archive has ${name} twice`)
    bytes += size
    if (bytes > limits.bytes) throw new Error(`the files in the archive have more than ${limits.bytes >> 20} MB`)
    names.add(name)
    const content = await reader.take(size)
    await reader.take(-size & (BLOCK - 1))
    yield { name, content }
  }
  await reader.end()
}

function entryOf(header: Buffer): { readonly path: string; readonly size: number; readonly type: string } {
  const size = numberAt(header, 124, 12)
  if (size === undefined || numberAt(header, 148, 8) !== checksumOf(header)) throw new Error('this is no tar archive')
  const prefix = header.toString('latin1', 257, 262) === 'ustar' && header.toString('latin1', 263, 265) === '00'
  const above = prefix ? textAt(header, 345, 155) : ''
  const path = above === '' ? textAt(header, 0, 100) : `${above}/${textAt(header, 0, 100)}`
  return { path, size, type: header.toString('latin1', 156, 157) }
}

/** The sum of the bytes of a header, in which its own field counts as spaces. */
function checksumOf(header: Buffer): number {
  return header.reduce((sum, byte, index) => sum + (index >= 148 && index < 156 ? 0x20 : byte), 0)
}

function numberAt(header: Buffer, start: number, length: number): number | undefined {
  const text = textAt(header, start, length).trim()
  return /^[0-7]{1,11}$/.test(text) ? Number.parseInt(text, 8) : undefined
}

function textAt(header: Buffer, start: number, length: number): string {
  const field = header.subarray(start, start + length)
  const end = field.indexOf(0)
  return field.subarray(0, end < 0 ? length : end).toString('latin1')
}

/** Takes bytes by number from a stream of chunks. */
class Reader {
  readonly #chunks: AsyncIterator<Uint8Array>
  #rest: Uint8Array = new Uint8Array()

  constructor(archive: AsyncIterable<Uint8Array>) {
    this.#chunks = archive[Symbol.asyncIterator]()
  }

  async take(bytes: number): Promise<Buffer> {
    const taken: Uint8Array[] = []
    for (let missing = bytes; missing > 0; ) {
      if (this.#rest.length === 0) this.#rest = await this.#next()
      const part = this.#rest.subarray(0, missing)
      this.#rest = this.#rest.subarray(part.length)
      taken.push(part)
      missing -= part.length
    }
    return Buffer.concat(taken)
  }

  /** Reads to the end, so that the archive's hash covers all of it. */
  async end(): Promise<void> {
    while ((await this.#chunks.next()).done !== true);
  }

  async #next(): Promise<Uint8Array> {
    const { done, value } = await this.#chunks.next()
    if (done === true) throw new Error('the archive is cut off')
    return value
  }
}
