import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { joinText, type NixValue, nix, nixPath, nixText, printNix } from '../../../src/templates/nix-text.ts'

/** One Nix for many values: what each of them is, as JSON. */
function evaluate(texts: readonly string[]): unknown {
  const stdout = execFileSync('nix-instantiate', ['--eval', '--strict', '--json', '--store', 'dummy://', '-'], {
    input: `[\n${texts.map((text) => `(${text})`).join('\n')}\n]`,
    maxBuffer: 1e8,
  })
  return JSON.parse(stdout.toString())
}

/** What has a meaning to Nix in a string, close together. */
const hostile = fc
  .array(
    fc.constantFrom(
      '$',
      '{',
      '}',
      "'",
      "''",
      '"',
      '\\',
      '\n',
      '\r',
      '\t',
      ' ',
      '  ',
      'x',
      '\u0024{x}',
      "''\u0024{",
      '$$',
      'é',
      '𝄞',
    ),
    {
      maxLength: 12,
    },
  )
  .map((parts) => parts.join(''))
const text = fc.oneof(
  hostile,
  hostile.map((start) => `a\n${start}\n`),
  fc.string({ unit: 'binary', maxLength: 20 }).map((any) => any.replaceAll('\0', '').toWellFormed()),
)
/** Not what toJSON, and not what JavaScript, would take for something else. */
const name = text.filter((key) => !['outPath', '__toString', '__proto__'].includes(key))
const value: fc.Arbitrary<NixValue> = fc.letrec<{ value: NixValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    text,
    fc.integer(),
    fc
      .double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 })
      .map((number) => (Math.abs(number) < 1e-300 ? 0 : Number(number.toPrecision(6)))),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(name, tie('value'), { maxKeys: 5, noNullPrototype: true }),
  ),
})).value

describe('a value, printed and read by Nix', () => {
  it('is exactly itself, whatever it holds (property)', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 100, maxLength: 200 }), (values) => {
        expect(evaluate(values.map((each) => printNix(each, '    ')))).toEqual(JSON.parse(JSON.stringify(values)))
      }),
      { numRuns: 15 },
    )
  })

  it('is exactly itself around interpolated code (property)', () => {
    const parts = fc.array(fc.oneof(text, fc.constant(undefined)), { maxLength: 5 })
    fc.assert(
      fc.property(fc.array(parts, { minLength: 100, maxLength: 200 }), (all) => {
        const printed = all.map((each) => printNix(joinText(each.map((part) => part ?? nix`"in" + "side"`))))
        expect(evaluate(printed)).toEqual(all.map((each) => each.map((part) => part ?? 'inside').join('')))
      }),
      { numRuns: 15 },
    )
  })

  it('carries the values that stand in code', () => {
    const code = nix`let has = true; in
if has then ${{ a: ['\u0024{x}', -1, nix`1 + 1`], b: 'one\n  two\n\nthree\n' }}
else ${nixText`never ${'$'}${nix`"x"`}`}`
    expect(evaluate([printNix({ deep: { er: code } }), printNix(nix`toString ${nixPath('./a/../b.c')}`)])).toEqual([
      { deep: { er: { a: ['\u0024{x}', -1, 2], b: 'one\n  two\n\nthree\n' } } },
      expect.stringMatching(/\/b\.c$/),
    ])
  })
})
