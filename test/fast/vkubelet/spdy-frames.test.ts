import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { constants, createDeflate, deflateRawSync, inflateSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DICTIONARY } from '../../../src/vkubelet/spdy/dictionary.ts'
import type { Frame } from '../../../src/vkubelet/spdy/frame.ts'
import { FrameReader } from '../../../src/vkubelet/spdy/frame-reader.ts'
import { emptyBlock, HeaderBlocks } from '../../../src/vkubelet/spdy/header-block.ts'
import { SpdyFault } from '../../../src/vkubelet/spdy/spdy-fault.ts'
import { dataFrames, goawayFrame, pingFrame, replyFrame, resetFrame } from '../../../src/vkubelet/spdy/write-frame.ts'
import { blockOf, control, data, goaway, ping, reset, SpdyClient, uint32 } from '../../support/vkubelet/spdy-client.ts'

/** Frames with the pieces of data put together, so that they do not depend on how they came. */
function read(chunks: readonly Buffer[]): readonly object[] {
  const reader = new FrameReader()
  const frames: (Frame | { kind: 'data'; stream: number; bytes: Buffer; isLast: boolean })[] = []
  for (const frame of chunks.flatMap((chunk) => reader.read(chunk))) {
    const before = frames.at(-1)
    if (frame.kind === 'data' && before?.kind === 'data' && before.stream === frame.stream && !before.isLast)
      frames.splice(-1, 1, { ...frame, bytes: Buffer.concat([before.bytes, frame.bytes]) })
    else frames.push(frame)
  }
  return frames.map((frame) => ({
    ...frame,
    ...('bytes' in frame ? { bytes: frame.bytes.toString('latin1') } : {}),
    ...('headers' in frame ? { headers: Object.fromEntries(frame.headers) } : {}),
  }))
}

const session = () => {
  const client = new SpdyClient()
  return [
    client.open(1, { streamtype: 'error' }),
    client.open(3, { streamtype: 'stdin', 'x-long': 'y'.repeat(300) }),
    ping(1),
    data(3, 'hello'),
    data(3, '', 1),
    client.open(5, { streamtype: 'resize' }, 1),
    control(4, 0, uint32(0)),
    reset(3, 5),
    goaway(),
  ]
}

describe('the dictionary of SPDY/3', () => {
  test('is that of the specification', () => {
    expect(DICTIONARY.length).toBe(1423)
    expect(createHash('sha256').update(DICTIONARY).digest('hex')).toMatch(/^51d27341/)
  })
})

describe('the header blocks of a connection', () => {
  test('are one stream of zlib, as its own deflate writes it', async () => {
    const deflate = createDeflate({ dictionary: DICTIONARY })
    const blocks = new HeaderBlocks()
    for (let index = 0; index < 60; index++) {
      const headers: [string, string][] = [
        ['streamtype', index % 2 === 0 ? 'stdin' : 'error'],
        ['x', `${index}`.repeat(index * 8)],
      ]
      const parts: Buffer[] = []
      const take = (part: Buffer) => parts.push(part)
      deflate.on('data', take)
      deflate.write(blockOf(headers))
      await new Promise<void>((resolve) => deflate.flush(constants.Z_SYNC_FLUSH, resolve))
      // what is flushed may come a little later
      if (parts.length === 0) await once(deflate, 'data')
      deflate.off('data', take)
      expect([...blocks.read(Buffer.concat(parts))]).toEqual(headers)
    }
    deflate.destroy()
  })

  test('of answers are empty, for a reader of zlib, too', () => {
    const stream = Buffer.concat([emptyBlock(true), emptyBlock(false), emptyBlock(false)])
    expect(inflateSync(stream, { finishFlush: constants.Z_SYNC_FLUSH })).toEqual(Buffer.alloc(12))
  })

  const raw = (block: Buffer) =>
    Buffer.concat([
      Buffer.from('78f9e3c6a7c2', 'hex'),
      deflateRawSync(block, { dictionary: DICTIONARY, finishFlush: constants.Z_SYNC_FLUSH }),
    ])
  test.each<[string, Buffer, RegExp]>([
    ['a bomb', raw(Buffer.alloc(20_000_000)), /cannot be decompressed/],
    ['no zlib', Buffer.from('nothing of zlib'), /another compression/],
    [
      'another dictionary',
      Buffer.concat([Buffer.from('78f900000000', 'hex'), raw(blockOf([])).subarray(6)]),
      /another compression/,
    ],
    ['no dictionary', Buffer.concat([Buffer.from('7801', 'hex'), Buffer.alloc(9)]), /another compression/],
    ['nothing', Buffer.alloc(0), /without the header/],
    ['garbage behind the header of zlib', Buffer.from('78f9e3c6a7c2ffffffff', 'hex'), /cannot be decompressed/],
    ['too many', raw(Buffer.concat([uint32(2 ** 32 - 1)])), /too many/],
    ['a name that is too long', raw(Buffer.concat([uint32(1), uint32(2 ** 32 - 1)])), /longer than its block/],
    ['too few', raw(uint32(1)), /too short/],
    [
      'a name twice',
      raw(
        blockOf([
          ['a', '1'],
          ['a', '2'],
        ]),
      ),
      /wrong name/,
    ],
    ['a name in capitals', raw(blockOf([['Streamtype', 'error']])), /wrong name/],
    ['an empty name', raw(blockOf([['', 'x']])), /wrong name/],
    ['something behind', raw(Buffer.concat([blockOf([['a', '1']]), Buffer.from('x')])), /behind/],
  ])('attack: %s is a fault', (_what, block, told) => {
    expect(() => new HeaderBlocks().read(block)).toThrow(SpdyFault)
    expect(() => new HeaderBlocks().read(block)).toThrow(told)
  })
})

describe('what a client sends', () => {
  test('is read as it was meant', () => {
    expect(read(session())).toEqual([
      { kind: 'open', stream: 1, headers: { streamtype: 'error' }, isLast: false },
      { kind: 'open', stream: 3, headers: { streamtype: 'stdin', 'x-long': 'y'.repeat(300) }, isLast: false },
      { kind: 'ping', id: 1 },
      { kind: 'data', stream: 3, bytes: 'hello', isLast: true },
      { kind: 'open', stream: 5, headers: { streamtype: 'resize' }, isLast: true },
      { kind: 'reset', stream: 3, status: 5 },
      { kind: 'goaway' },
    ])
  })

  test('is the same in pieces of any size', () => {
    const bytes = Buffer.concat(session())
    const whole = read([bytes])
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (sizes) => {
        const chunks: Buffer[] = []
        for (let at = 0, index = 0; at < bytes.length; index++) {
          const size = sizes[index % sizes.length] ?? 1
          chunks.push(bytes.subarray(at, at + size))
          at += size
        }
        expect(read(chunks)).toEqual(whole)
      }),
    )
  })

  test('may be 16 MB of data in one frame, which are passed on as they come', () => {
    const reader = new FrameReader()
    const whole = 16_777_215
    expect(reader.read(Buffer.from('0000000100ffffff', 'hex'))).toEqual([])
    let size = 0
    for (let at = 0; at < whole; at += 65_536)
      for (const frame of reader.read(Buffer.alloc(Math.min(65_536, whole - at))))
        size += frame.kind === 'data' ? frame.bytes.length : 0
    expect(size).toBe(whole)
    expect(reader.read(ping(3))).toEqual([{ kind: 'ping', id: 3 }])
  })

  test.each<[string, Buffer, RegExp]>([
    ['another version', Buffer.from('8002000100000000', 'hex'), /another version/],
    ['a control frame of 16 MB', Buffer.from('8003000100ffffff', 'hex'), /too long/],
    ['an unknown type', control(99, 0, Buffer.alloc(0)), /no client sends/],
    ['a reply', control(2, 0, Buffer.alloc(8)), /no client sends/],
    ['SYN_STREAM without its fields', control(1, 0, Buffer.alloc(9)), /without its fields/],
    ['a reset of no stream', reset(0, 1), /no stream/],
    ['a short reset', control(3, 0, Buffer.alloc(4)), /wrong length/],
    ['a long ping', control(6, 0, Buffer.alloc(8)), /wrong length/],
    ['a short goaway', control(7, 0, Buffer.alloc(4)), /wrong length/],
    ['data of no stream', data(0, 'x'), /no stream/],
    ['data with unknown flags', data(1, 'x', 2), /flags/],
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n'), /flags/],
  ])('attack: %s is a fault', (_what, bytes, told) => {
    expect(() => read([bytes])).toThrow(SpdyFault)
    expect(() => read([bytes])).toThrow(told)
  })

  test('attack: any bytes are frames or a fault, and nothing else', () => {
    const bytes = Buffer.concat(session())
    const mutation = fc.record({ at: fc.nat(bytes.length - 1), to: fc.nat(255) })
    const mutated = fc.array(mutation, { minLength: 1, maxLength: 5 }).map((all) => {
      const copy = Buffer.from(bytes)
      for (const { at, to } of all) copy[at] = to
      return copy
    })
    const cut = fc
      .tuple(fc.nat(bytes.length), fc.nat(bytes.length))
      .map(([a, b]) => Buffer.concat([bytes.subarray(0, a), bytes.subarray(b)]))
    const any = fc.uint8Array({ maxLength: 400 }).map((array) => Buffer.from(array))
    fc.assert(
      fc.property(fc.oneof(mutated, cut, any), (one) => {
        try {
          read([one])
        } catch (error) {
          expect(error).toBeInstanceOf(SpdyFault)
        }
      }),
      { numRuns: 3_000 },
    )
  })
})

describe('what this side sends', () => {
  test('is what Go’s reader takes', () => {
    expect(replyFrame(1, true).toString('hex')).toBe('8003000200000014000000017801000400fbff00000000000000ffff')
    expect(replyFrame(3, false).toString('hex')).toBe('800300020000001200000003000400fbff00000000000000ffff')
    expect(resetFrame(5, 3).toString('hex')).toBe('80030003000000080000000500000003')
    expect(pingFrame(7).toString('hex')).toBe('800300060000000400000007')
    expect(goawayFrame(9).toString('hex')).toBe('80030007000000080000000900000000')
  })

  test('can be read back: data of any length, and its end once', () => {
    fc.assert(
      fc.property(fc.nat(60_000), fc.boolean(), (size, isLast) => {
        const bytes = Buffer.alloc(size, 'x')
        expect(read(dataFrames(1, bytes, isLast))).toEqual([
          { kind: 'data', stream: 1, bytes: 'x'.repeat(size), isLast },
        ])
      }),
      { numRuns: 50 },
    )
  })
})
