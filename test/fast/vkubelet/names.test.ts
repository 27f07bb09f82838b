import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readSliceName, sliceName } from '../../../src/vkubelet/names/slice-name.ts'
import { isPodName, readUnitName, unitName } from '../../../src/vkubelet/names/unit-name.ts'

const letters = fc.constantFrom(...'abcxyz0189')
const inside = fc.constantFrom(...'abcxyz0189--')
const label = (longest: number) =>
  fc.tuple(letters, fc.string({ unit: inside, maxLength: longest - 2 }), letters).map((parts) => parts.join(''))
const podName = fc.array(fc.oneof(label(8), label(120)), { minLength: 1, maxLength: 9 }).map((labels) =>
  labels
    .join('.')
    .slice(0, 253)
    .replace(/[-.]+$/, ''),
)
const ref = fc.record({ namespace: label(63), pod: podName, container: label(63) })

describe('the name of a unit', () => {
  test.each([
    [{ namespace: 'default', pod: 'uptimed', container: 'uptimed' }, 'vks.default.uptimed.uptimed.service'],
    [{ namespace: 'a-b', pod: 'web-0.c.d', container: 'e-f' }, 'vks.a-b.web-0.c.d.e-f.service'],
    [{ namespace: 'x', pod: '1', container: '2' }, 'vks.x.1.2.service'],
  ])('%j is %s, and read back', (one, name) => {
    expect(unitName(one)).toBe(name)
    expect(readUnitName(name)).toEqual(one)
  })

  test('of any container can be read back, fits systemd, and is that of no other', () => {
    fc.assert(
      fc.property(ref, ref, (one, other) => {
        const name = unitName(one)
        expect(name).toMatch(/^[A-Za-z0-9:._\\-]{1,255}$/)
        const { pod, ...rest } = one
        const isShort = name.includes('_')
        expect(isShort).toBe(`vks.${one.namespace}.${pod}.${one.container}.service`.length > 255)
        expect(readUnitName(name)).toEqual(isShort ? rest : one)
        expect(unitName(other) === name).toBe(JSON.stringify(one) === JSON.stringify(other))
      }),
    )
  })

  test('of a Pod that is too long differs from that of another one with the same beginning', () => {
    const long = (last: string) =>
      unitName({ namespace: 'n'.repeat(63), pod: `${'a'.repeat(252)}${last}`, container: 'c'.repeat(63) })
    expect(long('a')).not.toBe(long('b'))
    expect(readUnitName(long('a'))).toEqual({ namespace: 'n'.repeat(63), container: 'c'.repeat(63) })
  })

  test.each([
    'uptimed.service',
    'vks.default.uptimed.service',
    'vks.Default.uptimed.uptimed.service',
    'vks.default.-x.uptimed.service',
    'vks.default.a_b.uptimed.service',
    'vks.default..uptimed.service',
    'vks.default.uptimed.uptimed.slice',
    'vks.default.a/../b.uptimed.service',
  ])('%s is of no container', (name) => {
    expect(readUnitName(name)).toBeUndefined()
  })
})

describe('the slice of a Pod', () => {
  test('is directly below that of all Pods', () => {
    expect(sliceName({ namespace: 'a-b', pod: 'web-0.c' })).toBe('vks-a\\x2db.web\\x2d0.c.slice')
  })

  test('of any Pod can be read back unless it is a digest, and is that of no other', () => {
    fc.assert(
      fc.property(ref, ref, ({ namespace, pod }, other) => {
        const name = sliceName({ namespace, pod })
        expect(name.length).toBeLessThanOrEqual(255)
        // more dashes would be more slices above it
        expect(name.split('-').length).toBe(2)
        expect(readSliceName(name)).toEqual(name.startsWith('vks-_') ? undefined : { namespace, pod })
        const isSame = namespace === other.namespace && pod === other.pod
        expect(sliceName(other) === name).toBe(isSame)
      }),
    )
  })

  test.each(['vks.slice', 'vks-a-b.slice', 'system.slice', 'vks-default.slice', 'vks-.a.slice'])(
    '%s is of no Pod',
    (name) => {
      expect(readSliceName(name)).toBeUndefined()
    },
  )
})

test('a name of a Pod may end in a number, and has small letters only', () => {
  expect(['web-0', '1.2', 'a'].every(isPodName)).toBe(true)
  expect(['', '.', 'a.', 'A', 'a_b', '-a', 'a..b', 'a'.repeat(254), 'a\n'].some(isPodName)).toBe(false)
})
