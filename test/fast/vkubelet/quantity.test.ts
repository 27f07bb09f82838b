import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dividedUp, milliUnits, quantityOf, wholeUnits } from '../../../src/vkubelet/pod/quantity.ts'

describe('a quantity', () => {
  test.each([
    ['0', 0n],
    ['1', 1_000_000_000n],
    ['250m', 250_000_000n],
    ['0.1', 100_000_000n],
    ['.5', 500_000_000n],
    ['5.', 5_000_000_000n],
    ['100n', 100n],
    ['1e3', 1_000_000_000_000n],
    ['1E3', 1_000_000_000_000n],
    ['1.5e-3', 1_500_000n],
    ['2E', 2n * 10n ** 27n],
    // finer than a billionth: rounded up, as in Kubernetes
    ['0.0000000001', 1n],
    ['128Mi', 134_217_728n * 1_000_000_000n],
    ['0.5Gi', 536_870_912n * 1_000_000_000n],
  ])('%s', (text, expected) => {
    expect(quantityOf(text)).toBe(expected)
  })

  test.each(['', '-1', '1mi', '1 Mi', 'Mi', '1e', '1e3Mi', '0x10', '1_000', '∞', '9e99', '1Ki\n', '9'.repeat(40)])(
    '%j is none',
    (text) => {
      expect(quantityOf(text)).toBeUndefined()
    },
  )

  test('in whole units is rounded up, and never less than it is', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 20n }), fc.bigInt({ min: 1n, max: 10n ** 12n }), (one, divisor) => {
        const parts = dividedUp(one, divisor)
        expect(parts * divisor >= one && (parts - 1n) * divisor < one).toBe(true)
      }),
    )
    expect([wholeUnits(1n), milliUnits(1_000_001n)]).toEqual([1n, 2n])
  })

  test('of any text is one or none, at once', () => {
    fc.assert(fc.property(fc.string(), (text) => (quantityOf(text) ?? 0n) >= 0n))
  })
})
