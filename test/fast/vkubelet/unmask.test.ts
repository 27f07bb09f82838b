import fc from 'fast-check'
import { expect, test } from 'vitest'
import { unmask } from '../../../src/vkubelet/server/unmask.ts'

test('takes the mask off each byte, wherever the bytes are in memory, and off no other', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 64 }),
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc.nat(9),
      (bytes, mask, at) => {
        const memory = new Uint8Array(at + bytes.length + 8).fill(0xee)
        memory.set(bytes, at)
        unmask(memory.subarray(at, at + bytes.length), mask)
        const expected = bytes.map((byte, index) => byte ^ (mask[index % 4] ?? 0))
        expect(memory.subarray(at, at + bytes.length)).toEqual(expected)
        expect([...memory.subarray(0, at), ...memory.subarray(at + bytes.length)].every((byte) => byte === 0xee)).toBe(
          true,
        )
      },
    ),
  )
})
