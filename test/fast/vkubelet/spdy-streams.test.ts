import { describe, expect, test } from 'vitest'
import type { Frame } from '../../../src/vkubelet/spdy/frame.ts'
import { limits } from '../../../src/vkubelet/spdy/limits.ts'
import { SpdyFault } from '../../../src/vkubelet/spdy/spdy-fault.ts'
import { SpdyStreams } from '../../../src/vkubelet/spdy/spdy-streams.ts'
import { goawayFrame, pingFrame, replyFrame, resetFrame } from '../../../src/vkubelet/spdy/write-frame.ts'

const open = (stream: number, isLast = false): Frame => ({ kind: 'open', stream, headers: new Map(), isLast })
const data = (stream: number, text: string, isLast = false): Frame => ({
  kind: 'data',
  stream,
  bytes: Buffer.from(text),
  isLast,
})

function connection() {
  const sent: Buffer[] = []
  const streams = new SpdyStreams((bytes) => sent.push(bytes))
  const taken = () => sent.splice(0).map((bytes) => bytes.toString('hex'))
  return { streams, taken }
}
const hex = (...frames: readonly Buffer[]) => frames.map((frame) => frame.toString('hex'))

describe('the streams of a connection', () => {
  test('are accepted, carry data both ways, and end on both sides', () => {
    const { streams, taken } = connection()
    expect(streams.take(open(1))).toMatchObject([{ kind: 'opened', stream: 1 }])
    expect(streams.take(open(3, true))).toMatchObject([
      { kind: 'opened', stream: 3 },
      { kind: 'ended', stream: 3 },
    ])
    expect(taken()).toEqual(hex(replyFrame(1, true), replyFrame(3, false)))
    expect(streams.take(data(1, 'in', true))).toEqual([
      { kind: 'data', stream: 1, bytes: Buffer.from('in') },
      { kind: 'ended', stream: 1 },
    ])
    expect(streams.write(1, Buffer.from('out'), true)).toBe(true)
    expect(taken().join('')).toBe(`0000000101000003${Buffer.from('out').toString('hex')}`)
    expect(streams.write(1, Buffer.from('more'))).toBe(false)
    expect(streams.size).toBe(1)
  })

  test('end by a reset of either side', () => {
    const { streams, taken } = connection()
    streams.take(open(1))
    streams.take(open(3))
    taken()
    expect(streams.take({ kind: 'reset', stream: 1, status: 5 })).toEqual([{ kind: 'reset', stream: 1 }])
    expect(streams.write(1, Buffer.from('x'))).toBe(false)
    streams.reset(3)
    expect(taken()).toEqual(hex(resetFrame(3, 5)))
    // what was under way
    expect(streams.take(data(3, 'x'))).toEqual([])
    expect(taken()).toEqual([])
  })

  test('are told of the end of the connection', () => {
    const { streams, taken } = connection()
    streams.take(open(1))
    taken()
    streams.leave()
    expect(taken()).toEqual(hex(goawayFrame(1)))
    streams.take({ kind: 'goaway' })
    expect(() => streams.take(open(3))).toThrow(SpdyFault)
  })

  test('a ping of the client is echoed, and an answer to none is not', () => {
    const { streams, taken } = connection()
    streams.take({ kind: 'ping', id: 5 })
    streams.take({ kind: 'ping', id: 2 })
    expect(taken()).toEqual(hex(pingFrame(5)))
  })
})

describe('attack:', () => {
  test.each<[string, readonly Frame[]]>([
    ['a stream with the number of a server', [open(2)]],
    ['a stream twice', [open(1), open(1)]],
    ['a stream with an earlier number', [open(5), open(3)]],
    ['data after its end', [open(1), data(1, 'x', true), data(1, 'y')]],
  ])('%s ends the connection', (_what, frames) => {
    const { streams } = connection()
    expect(() => {
      for (const frame of frames) streams.take(frame)
    }).toThrow(SpdyFault)
  })

  test('data of a stream that never was gets a reset', () => {
    const { streams, taken } = connection()
    expect(streams.take(data(7, 'x'))).toEqual([])
    expect(taken()).toEqual(hex(resetFrame(7, 2)))
  })

  test('more streams than one may have are refused, and more than any client needs end the connection', () => {
    const { streams, taken } = connection()
    for (let index = 0; index < limits.streams; index++) streams.take(open(index * 2 + 1))
    taken()
    const next = limits.streams * 2 + 1
    expect(streams.take(open(next))).toEqual([])
    expect(taken()).toEqual(hex(resetFrame(next, 3)))
    expect(() => {
      for (let index = 0; index <= limits.allStreams; index++) streams.take(open(next + 2 + index * 2))
    }).toThrow(SpdyFault)
  })
})
