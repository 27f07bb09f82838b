import { CONTROL, FIN, HEADER_LENGTH, TYPE } from './frame.ts'
import { emptyBlock } from './header-block.ts'

/** Bytes of data in one frame: what Go's reader takes at once. */
const MOST_DATA = 16_384

/** Accepts a stream. @param isFirst of the connection: the compression begins with it */
export function replyFrame(stream: number, isFirst: boolean): Buffer {
  return controlFrame(TYPE.reply, Buffer.concat([uint32(stream), emptyBlock(isFirst)]))
}

/** @param status of `RESET` */
export function resetFrame(stream: number, status: number): Buffer {
  return controlFrame(TYPE.reset, Buffer.concat([uint32(stream), uint32(status)]))
}

/** The answer to a ping is the same ping. */
export function pingFrame(id: number): Buffer {
  return controlFrame(TYPE.ping, uint32(id))
}

/** This side takes no more streams after this one. */
export function goawayFrame(lastStream: number): Buffer {
  return controlFrame(TYPE.goaway, Buffer.concat([uint32(lastStream), uint32(0)]))
}

/** Data in as many frames as it takes; with `isLast` the last of them ends this side of the stream. */
export function dataFrames(stream: number, bytes: Buffer, isLast: boolean): readonly Buffer[] {
  const frames: Buffer[] = []
  for (let at = 0; at === 0 || at < bytes.length; at += MOST_DATA) {
    const piece = bytes.subarray(at, at + MOST_DATA)
    const isEnd = isLast && at + MOST_DATA >= bytes.length
    frames.push(header(uint32(stream), isEnd ? FIN : 0, piece.length), piece)
  }
  return frames
}

function controlFrame(type: number, payload: Buffer): Buffer {
  const start = Buffer.alloc(4)
  start.writeUInt16BE(CONTROL, 0)
  start.writeUInt16BE(type, 2)
  return Buffer.concat([header(start, 0, payload.length), payload])
}

function header(start: Buffer, flags: number, length: number): Buffer {
  const rest = Buffer.alloc(HEADER_LENGTH - 4)
  rest.writeUInt8(flags, 0)
  rest.writeUIntBE(length, 1, 3)
  return Buffer.concat([start, rest])
}

function uint32(number: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(number)
  return bytes
}
