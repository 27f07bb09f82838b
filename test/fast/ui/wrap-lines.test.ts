import fc from 'fast-check'
import { expect, test } from 'vitest'
import { wrapLines } from '../../../src/ui/wrap-lines.ts'

const text = (lines: ReturnType<typeof wrapLines>) =>
  lines.map((line) => line.map((piece) => (typeof piece === 'string' ? piece : piece.text)).join(''))

test('a line that is too long goes on below, at a space and further right, each word with its look', () => {
  const lines = wrapLines(
    [['  ', { text: '+', look: 'added' }, ' restart k3s.service (changed: /etc/rancher/k3s/config.yaml)']],
    50,
  )
  expect(text(lines)).toEqual(['  + restart k3s.service (changed:', '      /etc/rancher/k3s/config.yaml)'])
  expect(lines[0]).toContainEqual({ text: '+', look: 'added' })
})

test('a line that fits, a word without spaces, and a terminal of few columns are left as they are', () => {
  const path = ['x'.repeat(80)]
  expect(wrapLines([['short'], path], 60)).toEqual([['short'], path])
  expect(wrapLines([['word '.repeat(20)]], 20)).toEqual([['word '.repeat(20)]])
})

test('a command of a page is not broken, so that it can be copied', () => {
  const command = { text: `keel exec ocean -- ${'echo word '.repeat(10)}`, look: 'literal' } as const
  expect(text(wrapLines([['  ', command]], 60))).toEqual([`  ${command.text}`])
})

test('a command in a sentence is not broken either, and a backtick without another one is a character', () => {
  expect(text(wrapLines([['do:  look at what it says, then run `keel deploy ocean maia`.']], 45))).toEqual([
    'do:  look at what it says, then run',
    '    `keel deploy ocean maia`.',
  ])
  expect(text(wrapLines([['word '.repeat(8), '`odd one']], 43))).toEqual([
    'word word word word word word word word',
    '    `odd one',
  ])
})

test('no line is too long, and no word is lost (property)', () => {
  const word = fc.stringMatching(/^[a-z/.]{1,30}$/)
  fc.assert(
    fc.property(
      fc.array(word, { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 40, max: 120 }),
      (words, columns) => {
        const lines = text(wrapLines([[`  ${words.join(' ')}`]], columns))
        expect(
          lines
            .join(' ')
            .split(' ')
            .filter((one) => one !== ''),
        ).toEqual(words)
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns)
      },
    ),
  )
})
