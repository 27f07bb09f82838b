import { describe, expect, it, test } from 'vitest'
import { DEFAULT_VERSION, KNOWN_MINORS, minorOf } from '../../../src/model/k3s/k3s-version.ts'
import { outOfSupport } from '../../../src/model/kubernetes/out-of-support.ts'
import {
  dayOf,
  SUPPORT_WINDOW,
  SUPPORT_WINDOW_READ,
  supportedMinors,
  supportOf,
} from '../../../src/model/kubernetes/support-window.ts'

const minors = SUPPORT_WINDOW.map(({ minor }) => minor)

describe('the table', () => {
  it('has each minor once, in order, with a day that its source could have', () => {
    const [first = 0] = minors
    expect(minors).toEqual(minors.map((_, index) => first + index))
    const days = SUPPORT_WINDOW.map(({ ends }) => ends)
    expect(days).toEqual(days.toSorted())
    for (const day of [...days, SUPPORT_WINDOW_READ]) expect(dayOf(new Date(day))).toBe(day)
  })

  it('has a keel whose default is the newest that it can deploy', () => {
    const both = KNOWN_MINORS.filter((minor) => minors.includes(minor))
    expect(minorOf(DEFAULT_VERSION)).toBe(Math.max(...both))
    expect(supportOf(minorOf(DEFAULT_VERSION) ?? 0, SUPPORT_WINDOW_READ).kind).toBe('supported')
  })
})

test.each([
  ['on its last day', 34, '2026-10-27', { kind: 'supported', ends: '2026-10-27' }],
  ['on the day after', 34, '2026-10-28', { kind: 'ended', ends: '2026-10-27' }],
  ['older than the table', 31, '2026-11-29', { kind: 'ended' }],
  ['older than the table, on a machine whose clock is years behind', 31, '2020-01-01', { kind: 'unknown' }],
  ['newer than the table', 38, '2026-11-29', { kind: 'unknown' }],
  ['newer than a table of which all has ended', 38, '2031-01-01', { kind: 'unknown' }],
] as const)('a minor %s', (_, minor, today, support) => {
  expect(supportOf(minor, today)).toEqual(support)
})

test('which minors are supported on a day', () => {
  expect(supportedMinors('2026-11-29')).toEqual([35, 36, 37])
  expect(supportedMinors('2027-10-28')).toEqual([37])
  expect(supportedMinors('2028-01-01')).toEqual([])
})

describe('what keel tells of a version', () => {
  const told = (version: string, today: string) => outOfSupport(version, today, [33, 34, 35, 36])

  it.each([
    ['a supported one', 'v1.36.3+k3s1', '2026-11-29'],
    ['a newer one than any it knows', 'v1.40.0+k3s1', '2031-01-01'],
    ['no version', 'main', '2026-11-29'],
  ])('nothing of %s', (_, version, today) => {
    expect(told(version, today)).toBe(undefined)
  })

  it('is when it ended, what is supported, and the next step', () => {
    expect(told('v1.34.4+k3s1', '2026-11-29')).toEqual({
      code: 'out-of-support',
      found: 'support of Kubernetes 1.34 ended on 2026-10-27 (version: v1.34.4+k3s1)',
      why: 'nobody fixes its security holes; supported: 1.35 until 2027-02-28, 1.36 until 2027-06-28',
      todo: 'upgrade to 1.35: `keel help upgrade-k3s`',
    })
  })

  it('names each minor in between', () => {
    expect(told('v1.33.4+k3s1', '2027-03-01')?.todo).toBe(
      'upgrade to 1.36 one minor version at a time, to 1.34 first: `keel help upgrade-k3s`',
    )
  })

  it.each([
    ['this keel cannot deploy the one that is supported', '2027-07-01'],
    ['nothing in the table is supported', '2028-05-01'],
  ])('is that keel is old, where %s', (_, today) => {
    expect(told('v1.36.3+k3s1', today)).toEqual({
      code: 'out-of-support',
      found: 'support of Kubernetes 1.36 ended on 2027-06-28, according to this keel',
      why: 'this keel knows what was released by 2026-11-28, and can deploy no minor version that is supported now',
      todo: 'install a newer keel',
    })
  })
})
