import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sh, shellQuote } from '../../../src/templates/shell-quote.ts'
import { unitQuote, unitWord } from '../../../src/templates/unit-quote.ts'

describe('shellQuote', () => {
  it('hands bash any string as exactly one word (property)', () => {
    const anyWords = fc.array(
      fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\0', '').toWellFormed()),
      { minLength: 1, maxLength: 40 },
    )
    fc.assert(
      fc.property(anyWords, (words) => {
        const printed = execFileSync('bash', ['-s'], { input: sh`printf '%s\\0' ${words}`, env: { LC_ALL: 'C' } })
        expect(printed.toString('utf8').split('\0').slice(0, -1)).toEqual(words)
      }),
      { numRuns: 60 },
    )
  })
  it('refuses a NUL', () => {
    expect(() => shellQuote('a\0b')).toThrow(/NUL/)
  })
})

describe('units', () => {
  it.each([
    ['plain', '"plain"'],
    ['with "quotes" and \\', '"with \\"quotes\\" and \\\\"'],
  ])('unitQuote(%j)', (value, quoted) => expect(unitQuote(value)).toBe(quoted))
  it.each(['a\nb', 'a\u0000', '\u007f'])('refuses control characters: %j', (value) =>
    expect(() => unitQuote(value)).toThrow(/control character/),
  )
  it.each(['', 'a b', 'a"b', "a'b", 'a;b', 'ä', 'a%b'])('unitWord refuses %j', (value) =>
    expect(() => unitWord(value)).toThrow(/without quotes/),
  )
})
