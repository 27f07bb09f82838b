import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { screenOf, screenSvg } from '../../../scripts/screens/screen-svg.ts'
import { readMarkup } from '../../support/graph/read-markup.ts'

const shown = (output: string, columns = 20) =>
  screenOf(output, columns).map((line) => line.map(({ character }) => character).join(''))

describe('a screen', () => {
  test.each<[string, string, readonly string[]]>([
    ['lines', 'one\r\ntwo\r\n', ['one', 'two']],
    ['a line that is written again', 'waiting\r\u001b[Kdone', ['done']],
    ['a shorter text over a longer one', 'waiting\rdone', ['doneing']],
    ['lines above that are erased', 'a\r\nb\r\n\u001b[2A\u001b[Jc', ['c']],
    ['colours, which are no characters', '\u001b[1;32m+\u001b[0m x', ['+ x']],
  ])('shows %s', (_what, output, lines) => {
    expect(shown(output)).toEqual(lines)
  })

  test('wraps at its last column', () => {
    expect(shown('abcdef', 4)).toEqual(['abcd', 'ef'])
    expect(shown('abcd\r\nef', 4)).toEqual(['abcd', 'ef'])
  })

  test('as SVG has styles as classes, and quotes what it shows', () => {
    const texts = readMarkup(screenSvg('\u001b[1;31m<b>&\u001b[0m ok', 20, 'keel')).filter(
      ({ name }) => name === 'text',
    )
    expect(texts.map(({ text, attributes }) => [text, attributes.class])).toEqual([
      ['<b>&', 'bold red'],
      [' ok', undefined],
    ])
  })
})

test('the pictures in docs/ are sound, and show no folder of the machine that made them', () => {
  const folder = new URL('../../../docs/screens/', import.meta.url)
  const pictures = readdirSync(folder).filter((file) => /-(60|120)\.svg$/.test(file))
  expect(pictures).toHaveLength(8)
  for (const picture of pictures) {
    const texts = readMarkup(readFileSync(new URL(picture, folder), 'utf8')).map(({ text }) => text)
    expect(texts.join('\n'), picture).toContain('$ keel ')
    expect(texts.join('\n'), picture).not.toMatch(/\/tmp\/|PRIVATE KEY|K10[0-9a-f]/)
  }
})
