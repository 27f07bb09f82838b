import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lineSplitter } from '../../../../src/ssh/shell/lines.ts'

function split(chunks: readonly Uint8Array[]): string[] {
  const lines: string[] = []
  const splitter = lineSplitter((line) => lines.push(line))
  for (const chunk of chunks) splitter.push(chunk)
  splitter.end()
  return lines
}

test.each([
  { text: '', lines: [] },
  { text: '\n', lines: [''] },
  { text: 'a\nb\n', lines: ['a', 'b'] },
  { text: 'a\n\nb', lines: ['a', '', 'b'] },
  { text: 'a\r\n', lines: ['a\r'] },
  { text: '\ufeffa\n', lines: ['\ufeffa'] },
])('$text', ({ text, lines }) => {
  expect(split([Buffer.from(text)])).toEqual(lines)
})

test('where packets are cut makes no difference, in the middle of a character either', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.array(fc.nat()), (text, cuts) => {
      const bytes = Buffer.from(text)
      const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
      const chunks = at.slice(1).map((end, index) => bytes.subarray(at[index], end))
      expect(split(chunks)).toEqual(split([bytes]))
      expect(split(chunks).join('\n')).toBe(bytes.toString().replace(/\n$/, ''))
    }),
  )
})
