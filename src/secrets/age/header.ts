import { createHmac } from 'node:crypto'
import { hkdf } from './file-key.ts'
import { decodeBase64, encodeBase64, type Stanza, stanza } from './stanza.ts'

/** C2SP age specification, "Header"; what follows is a nonce of 16 bytes and chunks with a tag of 16 bytes each. */
const VERSION = 'age-encryption.org/v1'
const LINE_BYTES = 48
const LEAST_PAYLOAD = 16 + 16

/** A file that no age program would take. Its message names the place, never the contents. */
export class BadAgeFile extends Error {
  override readonly name = 'BadAgeFile'
}

export interface Header {
  /** They say without any private key whom a file is encrypted to. */
  readonly stanzas: readonly Stanza[]
  /** What the MAC is made over. */
  readonly covered: Uint8Array
  /** It needs the file key: decryption checks it, nobody else. */
  readonly mac: Uint8Array
  /** Bytes; the payload is behind them. */
  readonly length: number
}

/** The header of a binary age file. Strict: one way to write each. @throws BadAgeFile */
export function readHeader(file: Uint8Array): Header {
  const lines = new HeaderLines(file)
  if (lines.next() !== VERSION) throw new BadAgeFile(`does not start with the line ${VERSION}`)
  const stanzas: Stanza[] = []
  for (;;) {
    const start = lines.offset
    const line = lines.next()
    if (line.startsWith('-> ')) {
      stanzas.push(readStanza(line.slice(3), lines))
      continue
    }
    const mac = line.startsWith('--- ') ? decodeBase64(line.slice(4)) : undefined
    if (mac?.length !== 32) throw new BadAgeFile('has a damaged header')
    if (stanzas.length === 0) throw new BadAgeFile('is encrypted to nobody')
    if (file.length - lines.offset < LEAST_PAYLOAD) throw new BadAgeFile('is cut off behind its header')
    return { stanzas, covered: file.subarray(0, start + 3), mac, length: lines.offset }
  }
}

/** The header of a file with that file key. */
export function printHeader(stanzas: readonly Stanza[], fileKey: Uint8Array): Buffer {
  const covered = Buffer.from(`${VERSION}\n${stanzas.map(printStanza).join('')}---`)
  return Buffer.concat([covered, Buffer.from(` ${encodeBase64(headerMac(fileKey, covered))}\n`)])
}

/** @param covered the header up to its last line's `---` */
export function headerMac(fileKey: Uint8Array, covered: Uint8Array): Buffer {
  return createHmac('sha256', hkdf(fileKey, new Uint8Array(), 'header'))
    .update(covered)
    .digest()
}

function printStanza({ args, body }: Stanza): string {
  // the last line is short, and empty behind a body of full lines
  const lines = Array.from({ length: Math.floor(body.length / LINE_BYTES) + 1 }, (_, index) =>
    encodeBase64(body.subarray(index * LINE_BYTES, (index + 1) * LINE_BYTES)),
  )
  return `-> ${args.join(' ')}\n${lines.join('\n')}\n`
}

function readStanza(line: string, lines: HeaderLines): Stanza {
  const args = line.split(' ')
  if (args.includes('')) throw new BadAgeFile('has a damaged header')
  const body: Buffer[] = []
  for (;;) {
    const bytes = decodeBase64(lines.next())
    if (bytes === undefined || bytes.length > LINE_BYTES) throw new BadAgeFile('has a damaged header')
    body.push(bytes)
    // the last line is short, and empty behind a body of full lines
    if (bytes.length < LINE_BYTES) return stanza(args, Buffer.concat(body))
  }
}

/** Lines of printable ASCII. */
class HeaderLines {
  readonly #file: Buffer
  offset = 0

  constructor(file: Uint8Array) {
    this.#file = Buffer.from(file.buffer, file.byteOffset, file.byteLength)
  }

  next(): string {
    const end = this.#file.indexOf(0x0a, this.offset)
    if (end < 0) throw new BadAgeFile('has no whole header')
    const line = this.#file.subarray(this.offset, end)
    if (line.some((byte) => byte < 0x20 || byte > 0x7e)) throw new BadAgeFile('has a damaged header')
    this.offset = end + 1
    return line.toString('latin1')
  }
}
