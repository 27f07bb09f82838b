import { decodeBase64, type Stanza, stanza } from './stanza.ts'

/** C2SP age specification, "Header". After it come a nonce of 16 bytes and chunks with a tag of 16 bytes each. */
const VERSION = 'age-encryption.org/v1'
const LINE_BYTES = 48
const LEAST_PAYLOAD = 16 + 16

/** A file that no age program accepts. Its message names the place, never the contents. */
export class BadAgeFile extends Error {
  override readonly name = 'BadAgeFile'
}

/**
 * The stanzas of a binary age file, which show the recipients without any private key. It accepts only one form of each
 * header. Only decryption can check the MAC of the header, because that needs the file key.
 * @throws BadAgeFile
 */
export function readHeader(file: Uint8Array): readonly Stanza[] {
  const lines = new HeaderLines(file)
  if (lines.next() !== VERSION) throw new BadAgeFile(`does not start with the line ${VERSION}`)
  const stanzas: Stanza[] = []
  for (;;) {
    const line = lines.next()
    if (line.startsWith('-> ')) {
      stanzas.push(readStanza(line.slice(3), lines))
      continue
    }
    if (!line.startsWith('--- ') || decodeBase64(line.slice(4))?.length !== 32)
      throw new BadAgeFile('has a damaged header')
    if (stanzas.length === 0) throw new BadAgeFile('is encrypted to nobody')
    if (file.length - lines.offset < LEAST_PAYLOAD) throw new BadAgeFile('is cut off after its header')
    return stanzas
  }
}

function readStanza(line: string, lines: HeaderLines): Stanza {
  const args = line.split(' ')
  if (args.includes('')) throw new BadAgeFile('has a damaged header')
  const body: Buffer[] = []
  for (;;) {
    const bytes = decodeBase64(lines.next())
    if (bytes === undefined || bytes.length > LINE_BYTES) throw new BadAgeFile('has a damaged header')
    body.push(bytes)
    // the last line is short, and empty after a body of full lines
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
    const line = this.#file.toString('latin1', this.offset, end)
    if (/[^\x20-\x7e]/.test(line)) throw new BadAgeFile('has a damaged header')
    this.offset = end + 1
    return line
  }
}
