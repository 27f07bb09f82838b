import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Look, plainText, type StyledText, styled } from '../../../src/model/text/styled-text.ts'
import { type ColorChoice, colorChoice, hasColors } from '../../../src/ui/colors.ts'
import { painted } from '../../../src/ui/style.ts'

const every: readonly Look[] = [
  'host',
  'command',
  'added',
  'changed',
  'removed',
  'restarted',
  'step',
  'aside',
  'good',
  'warning',
  'fault',
]

describe('whether a stream has colours', () => {
  it.each<[ColorChoice, Record<string, string>, boolean, boolean]>([
    ['auto', {}, true, true],
    ['auto', {}, false, false],
    ['auto', { NO_COLOR: '1' }, true, false],
    ['auto', { NO_COLOR: '' }, true, true],
    ['auto', { TERM: 'dumb' }, true, false],
    ['auto', { FORCE_COLOR: '0' }, true, false],
    ['auto', { FORCE_COLOR: 'false' }, true, false],
    ['auto', { FORCE_COLOR: '1' }, false, true],
    ['auto', { FORCE_COLOR: '2' }, false, true],
    ['auto', { FORCE_COLOR: '3', TERM: 'dumb' }, false, true],
    ['auto', { FORCE_COLOR: '' }, false, true],
    ['auto', { FORCE_COLOR: '1', NO_COLOR: '1' }, false, true],
    ['always', { NO_COLOR: '1', FORCE_COLOR: '0', TERM: 'dumb' }, false, true],
    ['never', { FORCE_COLOR: '3' }, true, false],
  ])('--color %s, %j, a terminal: %s → %s', (choice, env, isTerminal, colors) =>
    expect(hasColors(choice, env, isTerminal)).toBe(colors),
  )

  it.each<[string, ColorChoice]>([
    ['plan', 'auto'],
    ['plan --color never', 'never'],
    ['--color=always plan', 'always'],
    ['plan --color=always --color never', 'never'],
    ['plan --color=sometimes', 'auto'],
    ['plan --color', 'auto'],
    ['exec a -- ls --color=always', 'auto'],
  ])('is chosen by %j: %s', (line, choice) => expect(colorChoice(line.split(' '))).toBe(choice))
})

describe('a look', () => {
  it.each(every)('%s changes only how the words look', (look) => {
    const text: StyledText = [['a ', styled(look, 'b'), ' c']]
    const codes = painted(text, true)
    expect(codes).not.toBe('a b c')
    expect(stripVTControlCharacters(codes)).toBe('a b c')
    expect(painted(text, false)).toBe('a b c')
  })

  it('has no colour that a light or a dark background hides', () => {
    const codes = every.flatMap((look) => [...painted([[styled(look, 'b')]], true).matchAll(/\u001b\[(\d+)m/g)])
    // 30 and 90 to 97: black, and the bright ones; 37: white; 40 and above: backgrounds
    expect(codes.map(([, code]) => Number(code)).filter((code) => code === 30 || code === 37 || code >= 40)).toEqual([])
  })

  it('attack 7: no value brings a code of its own, in any look', () => {
    const value = fc.string().chain((text) => fc.constantFrom(text, `\u001b[2J${text}`, `${text}\u001b]0;T\u0007\n`))
    fc.assert(
      fc.property(value, fc.constantFrom(...every), (text, look) => {
        const [before, after] = painted([[styled(look, 'X')]], true).split('X')
        const [line, ...more] = painted([[styled(look, `X${text}`), text]], true).split('\n')
        expect(more).toEqual([])
        const rest = line?.replace(before ?? '', '').replace(after ?? '', '')
        expect(rest).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/)
      }),
    )
  })

  it('is no part of the plain words', () => expect(plainText([['a'], [styled('host', 'b')]])).toBe('a\nb'))
})
