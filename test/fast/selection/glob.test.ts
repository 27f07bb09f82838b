import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { globMatcher, isGlob, MOST_PATTERN_CHARACTERS } from '../../../src/selection/glob.ts'
import { processorMs } from '../../support/processor-time.ts'

const names = ['web-1', 'web-2', 'web-10', 'db-1', 'a.b', 'gpu']
const matched = (pattern: string) => names.filter(globMatcher(pattern))

describe('the names that a pattern fits', () => {
  test.each([
    ['*', names],
    ['**', names],
    ['web-*', ['web-1', 'web-2', 'web-10']],
    ['web-?', ['web-1', 'web-2']],
    ['*-1', ['web-1', 'db-1']],
    ['*1*', ['web-1', 'web-10', 'db-1']],
    ['web-[12]', ['web-1', 'web-2']],
    ['[a-d]*', ['db-1', 'a.b']],
    ['[!a-d]*-1', ['web-1']],
    ['[^w]??', ['a.b', 'gpu']],
    ['web-[1-]*', ['web-1', 'web-10']],
    // no dot is special, nor a slash: a name has no folders
    ['a?b', ['a.b']],
    ['a.b*', ['a.b']],
    ['web-[12', []],
    ['[]*', []],
    ['WEB-*', []],
    ['web', []],
  ])('%s', (pattern, expected) => {
    expect(matched(pattern)).toEqual(expected)
  })

  test('a range of one character, a backslash and braces are no patterns of their own', () => {
    expect(matched('web-\\*')).toEqual([])
    expect(matched('{web-1,gpu}')).toEqual([])
    expect(isGlob('{a,b}')).toBe(false)
  })
})

const regularOf: Readonly<Record<string, string>> = { '*': '.*', '?': '.', '.': '\\.', '[!a]': '[^a]' }

test('property: a pattern fits what the same regular expression fits', () => {
  const piece = fc.constantFrom('a', 'b', '-', '.', '*', '?', '[ab]', '[!a]', '[a-b]')
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 8 }),
      fc.string({ unit: fc.constantFrom('a', 'b', 'c', '-', '.'), maxLength: 10 }),
      (pieces, name) => {
        const regular = pieces.map((one) => regularOf[one] ?? one).join('')
        expect(globMatcher(pieces.join(''))(name)).toBe(new RegExp(`^${regular}$`).test(name))
      },
    ),
    { numRuns: 2000 },
  )
})

test.each(['*a', '[a]*', '*?', '[', '[!'])('the longest pattern of %s takes no time', (piece) => {
  const pattern = `${piece.repeat(MOST_PATTERN_CHARACTERS).slice(0, MOST_PATTERN_CHARACTERS - 1)}b`
  const name = 'a'.repeat(63)
  expect(
    processorMs(() => {
      for (let host = 0; host < 100; host++) globMatcher(pattern)(name)
    }),
  ).toBeLessThan(1000)
})
