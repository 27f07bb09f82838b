import { ed25519 } from '@noble/curves/ed25519.js'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { montgomery, NotOnCurve } from '../../../../src/secrets/age/montgomery.ts'

const P = 2n ** 255n - 19n
const bytes = (y: bigint) => Buffer.from(y.toString(16).padStart(64, '0'), 'hex').reverse()

/** noble's answer: finds x, and refuses what has none. */
function oracle(point: Uint8Array): string | undefined {
  try {
    return Buffer.from(ed25519.utils.toMontgomery(point)).toString('hex')
  } catch {
    return undefined
  }
}

function ours(point: Uint8Array): string | undefined {
  try {
    return montgomery(point).toString('hex')
  } catch (error) {
    expect(error).toBeInstanceOf(NotOnCurve)
    return undefined
  }
}

test('any 32 bytes become what noble makes of them, or are refused as noble refuses them', () => {
  let refused = 0
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (point) => {
      const wanted = oracle(point)
      if (wanted === undefined) refused++
      expect(ours(point)).toBe(wanted)
    }),
    { numRuns: 2000 },
  )
  // half of all y have no x: a conversion that checks nothing would not get here
  expect(refused).toBeGreaterThan(700)
})

test.each([
  ['y = 1, the neutral element', bytes(1n)],
  ['y = -1, of order 2', bytes(P - 1n)],
  ['y = p, not reduced', bytes(P)],
  ['y = p + 1, not reduced', bytes(P + 1n)],
  ['31 bytes', Buffer.alloc(31, 3)],
])('refuses %s', (_, point) => {
  expect(ours(point)).toBeUndefined()
})
