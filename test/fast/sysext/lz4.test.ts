import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sha256 } from '../../../src/model/digest.ts'
import { Lz4 } from '../../../src/sysext/lz4.ts'
import { likeAProgram } from '../../support/samples/like-a-program.ts'

const MOST = 1 << 17

/** As the specification has it (lz4_Block_format.md), with its rules for the end of a block. */
function decompress(block: Uint8Array, size: number): Buffer {
  const out = Buffer.alloc(size)
  let [at, end] = [0, 0]
  const lengthOf = (inToken: number) => {
    let length = inToken
    for (let more = inToken === 15 ? 255 : 0; more === 255; length += more) more = block[at++] ?? 0
    return length
  }
  for (;;) {
    const token = block[at++] ?? 0
    const literals = lengthOf(token >> 4)
    out.set(block.subarray(at, at + literals), end)
    at += literals
    end += literals
    if (at === block.length) break
    const distance = (block[at++] ?? 0) | ((block[at++] ?? 0) << 8)
    expect(distance > 0 && distance <= end).toBe(true)
    const start = end
    const length = lengthOf(token & 15) + 4
    for (let index = 0; index < length; index++) out[end] = out[end++ - distance] ?? 0
    expect(size - start, 'the last match begins 12 bytes before the end').toBeGreaterThanOrEqual(12)
    expect(size - end, 'the last 5 bytes are literals').toBeGreaterThanOrEqual(5)
  }
  expect(end).toBe(size)
  return out
}

/** Bytes in which nothing repeats. */
function noise(bytes: number): Buffer {
  const hashes = Array.from({ length: Math.ceil(bytes / 32) }, (_, index) => sha256(`${bytes} ${index}`))
  return Buffer.from(hashes.join(''), 'hex').subarray(0, bytes)
}
const far = noise(4000)

describe('a block', () => {
  const lz4 = new Lz4(MOST)
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    // few values: many matches
    fc.array(fc.constantFrom(0, 1), { maxLength: 2000 }).map((values) => Uint8Array.from(values)),
    fc
      .tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 3000 }), fc.uint8Array())
      .map(([part, times, end]) => Buffer.concat([...Array.from({ length: times }, () => part), end])),
  )

  it('has the bytes that were compressed, or is not smaller', () => {
    fc.assert(
      fc.property(bytes, (block) => {
        const small = lz4.compress(block)
        if (small === undefined) return
        expect(small.length).toBeLessThan(block.length)
        expect(decompress(small, block.length).equals(block)).toBe(true)
      }),
      { numRuns: 150 },
    )
  })

  it.each([
    ['zeros', new Uint8Array(MOST)],
    ['a match as far as the format allows', Buffer.concat([far, noise(0xffff - far.length), far, noise(20)])],
    ['most of a block', likeAProgram(MOST)],
  ])('of %s', (_what, block) => {
    const small = lz4.compress(block)
    expect(small && decompress(small, block.length).equals(block)).toBe(true)
  })

  it('that can’t become smaller is left alone', () => {
    expect(lz4.compress(noise(2000))).toBeUndefined()
    const tooFar = Buffer.concat([far, noise(0x1_0000 - far.length), far, noise(20)])
    expect(lz4.compress(tooFar)).toBeUndefined()
    expect(lz4.compress(new Uint8Array())).toBeUndefined()
    expect(lz4.compress(new Uint8Array(12))).toBeUndefined()
  })
})

// a promise as for images: whoever has pinned an image gets the same one from every machine and version of Node
it('the bytes are the same everywhere', () => {
  const lz4 = new Lz4(MOST)
  const small = Buffer.from(lz4.compress(likeAProgram(MOST)) ?? [])
  expect([small.length, sha256(small)]).toEqual([
    105_356,
    '43275ce6a81b43575c657c6e6b70e388c3ae87dff265a6fcd4eb4d8c3b914d5f',
  ])
  expect(lz4.compress(likeAProgram(5000))).toEqual(new Lz4(5000).compress(likeAProgram(5000)))
})
