import { CONTROL, FIN, type Frame, HEADER_LENGTH, TYPE } from './frame.ts'
import { HeaderBlocks } from './header-block.ts'
import { limits } from './limits.ts'
import { SpdyFault } from './spdy-fault.ts'

/** A data frame of which a part has come. */
interface Open {
  readonly stream: number
  readonly isLast: boolean
  left: number
}

/**
 * Reads what a client sends on one connection, in pieces of any size. It keeps at most one control frame, and no data.
 * After a fault it must not be used again.
 */
export class FrameReader {
  readonly #blocks = new HeaderBlocks()
  #rest: Buffer = Buffer.alloc(0)
  #data: Open | undefined

  /** @throws SpdyFault */
  read(chunk: Buffer): readonly Frame[] {
    const frames: Frame[] = []
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    for (;;) {
      if (this.#data !== undefined) {
        if (bytes.length === 0) break
        const piece = bytes.subarray(0, this.#data.left)
        bytes = bytes.subarray(piece.length)
        frames.push(this.#pieceOf(this.#data, piece))
        continue
      }
      if (bytes.length < HEADER_LENGTH) break
      const length = bytes.readUIntBE(5, 3)
      const flags = bytes.readUInt8(4)
      if ((bytes.readUInt8(0) & 0x80) === 0) {
        const begun = begunData(bytes.readUInt32BE(0), flags, length)
        this.#data = begun
        bytes = bytes.subarray(HEADER_LENGTH)
        // an empty one is nothing but its end
        if (length === 0) frames.push(this.#pieceOf(begun, Buffer.alloc(0)))
        continue
      }
      if (bytes.readUInt16BE(0) !== CONTROL) throw new SpdyFault('a frame of another version')
      if (length > limits.controlFrame) throw new SpdyFault('a control frame that is too long')
      if (bytes.length < HEADER_LENGTH + length) break
      const payload = bytes.subarray(HEADER_LENGTH, HEADER_LENGTH + length)
      const frame = this.#controlFrame(bytes.readUInt16BE(2), flags, payload)
      if (frame !== undefined) frames.push(frame)
      bytes = bytes.subarray(HEADER_LENGTH + length)
    }
    // a copy: a few bytes would keep the whole chunk in memory
    this.#rest = Buffer.from(bytes)
    return frames
  }

  #pieceOf(open: Open, piece: Buffer): Frame {
    open.left -= piece.length
    const isWhole = open.left === 0
    if (isWhole) this.#data = undefined
    return { kind: 'data', stream: open.stream, bytes: piece, isLast: isWhole && open.isLast }
  }

  /** @returns undefined for a frame that nobody here needs */
  #controlFrame(type: number, flags: number, payload: Buffer): Frame | undefined {
    switch (type) {
      case TYPE.open: {
        if (payload.length < 10) throw new SpdyFault('SYN_STREAM without its fields')
        const stream = streamOf(payload)
        // also of a stream that is refused later: the blocks of a connection are one stream of zlib
        const headers = this.#blocks.read(payload.subarray(10))
        return { kind: 'open', stream, headers, isLast: (flags & FIN) !== 0 }
      }
      case TYPE.reset:
        exactly(payload, 8, 'RST_STREAM')
        return { kind: 'reset', stream: streamOf(payload), status: payload.readUInt32BE(4) }
      case TYPE.ping:
        exactly(payload, 4, 'PING')
        return { kind: 'ping', id: payload.readUInt32BE(0) }
      case TYPE.goaway:
        exactly(payload, 8, 'GOAWAY')
        return { kind: 'goaway' }
      case TYPE.settings:
      case TYPE.windowUpdate:
        // neither the API server nor kubectl has a window; the socket is what holds data back
        return undefined
      default:
        throw new SpdyFault('a frame that no client sends')
    }
  }
}

function begunData(stream: number, flags: number, length: number): Open {
  if (stream === 0) throw new SpdyFault('data of no stream')
  if ((flags & ~FIN) !== 0) throw new SpdyFault('data with flags that SPDY/3.1 does not have')
  return { stream, isLast: (flags & FIN) !== 0, left: length }
}

function streamOf(payload: Buffer): number {
  const stream = payload.readUInt32BE(0) & 0x7fffffff
  if (stream === 0) throw new SpdyFault('a frame of no stream')
  return stream
}

function exactly(payload: Buffer, length: number, what: string): void {
  if (payload.length !== length) throw new SpdyFault(`${what} of a wrong length`)
}
