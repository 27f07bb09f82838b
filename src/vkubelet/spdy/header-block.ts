import { constants, inflateRawSync } from 'node:zlib'
import { DICTIONARY } from './dictionary.ts'
import { limits } from './limits.ts'
import { SpdyFault } from './spdy-fault.ts'

export type Headers = ReadonlyMap<string, string>

/** How far back deflate can refer (RFC 1951). */
const WINDOW = 32_768

/**
 * Reads the header blocks of one connection: one zlib stream (RFC 1950) for all of them, which each block flushes. zlib's
 * own state is not kept between blocks: a raw block is decompressed with all that it may refer to as its dictionary,
 * so each costs what it costs and no more, and nothing waits for a thread.
 */
export class HeaderBlocks {
  #window = DICTIONARY
  #isFirst = true

  /** @throws SpdyFault for what is no block, or more than a block may be */
  read(compressed: Buffer): Headers {
    const block = this.#inflated(compressed)
    this.#window = Buffer.concat([this.#window, block]).subarray(-WINDOW)
    return headersOf(block)
  }

  #inflated(compressed: Buffer): Buffer {
    const raw = this.#isFirst ? withoutZlibHeader(compressed) : compressed
    this.#isFirst = false
    try {
      return inflateRawSync(raw, {
        dictionary: this.#window,
        finishFlush: constants.Z_SYNC_FLUSH,
        maxOutputLength: limits.headerBlock,
      })
    } catch {
      throw new SpdyFault('a header block that cannot be decompressed')
    }
  }
}

/** Adler-32 of the dictionary, by which zlib names it (RFC 1950, FDICT). */
const DICTIONARY_ID = 0xe3c6a7c2

function withoutZlibHeader(block: Buffer): Buffer {
  if (block.length < 6) throw new SpdyFault('a header block without the header of zlib')
  const isDeflate = (block.readUInt8(0) & 0x0f) === 8 && block.readUInt16BE(0) % 31 === 0
  const hasDictionary = (block.readUInt8(1) & 0x20) !== 0
  if (!isDeflate || !hasDictionary || block.readUInt32BE(2) !== DICTIONARY_ID)
    throw new SpdyFault('a header block of another compression')
  return block.subarray(6)
}

/**
 * SPDY/3, section 2.6.10: a number of pairs, then each name and value after its length. Names are in small letters; a value
 * can be several, with NUL between them, of which the first counts here.
 */
function headersOf(block: Buffer): Headers {
  const headers = new Map<string, string>()
  let at = 0
  const number = () => {
    if (at + 4 > block.length) throw new SpdyFault('a header block that is too short')
    at += 4
    return block.readUInt32BE(at - 4)
  }
  const text = () => {
    const length = number()
    if (length > block.length - at) throw new SpdyFault('a header that is longer than its block')
    at += length
    return block.toString('latin1', at - length, at)
  }
  const count = number()
  if (count > limits.headers) throw new SpdyFault('too many headers')
  for (let index = 0; index < count; index++) {
    const name = text()
    const [value = ''] = text().split('\0')
    if (!/^[!-@[-~]+$/.test(name) || headers.has(name)) throw new SpdyFault('a header with a wrong name')
    headers.set(name, value)
  }
  if (at !== block.length) throw new SpdyFault('a header block with something behind it')
  return headers
}

/**
 * The block of an answer without headers, in a zlib stream of its own for each connection: the header of zlib (first
 * block alone), one stored block of four zero bytes, and the empty one of a flush, without which Go's reader waits.
 */
export function emptyBlock(isFirst: boolean): Buffer {
  return Buffer.from(`${isFirst ? '7801' : ''}000400fbff00000000000000ffff`, 'hex')
}
