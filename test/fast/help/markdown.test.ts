import { describe, expect, test } from 'vitest'
import { layOutPage } from '../../../src/help/markdown/lay-out.ts'
import { pageOf, topics } from '../../../src/help/pages.ts'
import { pageForTerminal } from '../../../src/help/topic-page.ts'
import { plainText, type StyledText } from '../../../src/model/text/styled-text.ts'
import { textOf } from '../../support/docs/blocks.ts'

const laidOut = (markdown: string, width = 60, backticks = true): StyledText =>
  layOutPage(markdown, { width, backticks, target: (href) => (href.startsWith('#') ? undefined : `see ${href}`) })
const shown = (markdown: string, width?: number) => plainText(laidOut(markdown, width))

describe('a page for a terminal', () => {
  test.each([
    [
      'headings at the left, text below',
      '# A title\n\nOne\ntwo.\n\n## More\n\nThree.',
      'A title\n\n  One two.\n\nMore\n\n  Three.',
    ],
    [
      'code as it is, also when it is wide',
      '```sh\nkeel plan   # all of them, whatever they are\n\nls\n```',
      '    keel plan   # all of them, whatever they are\n\n    ls',
    ],
    ['a text that wraps', 'one two three four five six seven', '  one two three\n  four five six\n  seven'],
    [
      'a list, and what belongs to its items',
      '- one two three four\n  five\n- six\n\n  seven\n\nEight.',
      '  - one two three\n    four five\n  - six\n\n    seven\n\n  Eight.',
    ],
    ['a list with numbers', '1. one\n2. two\n   three\n10. ten', '  1. one\n  2. two three\n  10. ten'],
    ['a list right behind its sentence', 'These:\n- one\n- two', '  These:\n\n  - one\n  - two'],
    ['links', 'see [a b](c.md), [d](#d)', '  see a b (see\n  c.md), d'],
    ['bold text, and what is escaped', '**one two** \\| three', '  one two | three'],
    ['code in a text; it is not read as anything else', '`aa **b** [c](d)`', '  `aa **b**\n  [c](d)`'],
    ['no comments and no tags', '<!-- keys: a -->\n<p align="center">\n\nOne.\n</p>', '  One.'],
  ])('%s', (_, markdown, text) => {
    expect(shown(markdown, 18)).toBe(text)
  })

  test('code is code by its colour, or else by its backticks', () => {
    expect(laidOut('run `keel plan`, now', 60, true)).toEqual([
      ['  ', 'run ', { text: '`keel plan`', look: 'literal' }, ', now'],
    ])
    expect(laidOut('run `keel plan`', 60, false)).toEqual([['  ', 'run ', { text: 'keel plan', look: 'literal' }]])
  })
})

describe('a table', () => {
  const table = '| key | what |\n| --- | --- |\n| `a` | one two three four five six seven eight |\n| `b\\|c` | |'

  test('has columns that fit the width', () => {
    expect(shown(table, 60)).toBe(
      '  key    what\n  -----  ---------------------------------------\n  `a`    one two three four five six seven eight\n  `b|c`',
    )
    expect(shown(table, 30)).toBe(
      '  key    what\n  -----  ---------------------\n  `a`    one two three four\n         five six seven eight\n  `b|c`',
    )
  })

  test('becomes a list of its rows where its columns would be too narrow', () => {
    expect(shown(table, 24)).toBe(
      '  key: `a`\n    what: one two three\n    four five six seven\n    eight\n\n  key: `b|c`',
    )
  })
})

describe('every page of docs/', () => {
  test.each(topics().map(({ name }) => name))('%s: no line is too wide but code, and no word is lost', (name) => {
    const words = (all: string) => new Set(all.match(/[A-Za-z]{3,}/g))
    const written = words(pageOf(name).replaceAll(/<!--.*-->|\]\([^)]*\)|^```.*|^<.*/gm, ''))
    for (const width of [60, 100]) {
      const text = plainText(pageForTerminal(pageOf(name), { width, colors: false }))
      const wide = text.split('\n').filter((line) => line.length > width && !line.startsWith('    '))
      // a URL, or a path
      expect(wide.filter((line) => line.trim().split(' ').length > 1)).toEqual([])
      const shownWords = words(text)
      const lost = [...written].filter((word) => !shownWords.has(word))
      expect(lost).toEqual([])
    }
  })

  test('is the page, and has a title', () => {
    expect(pageOf('vip')).toBe(textOf('docs/vip.md'))
    expect(topics().filter(({ name, title }) => name === title)).toEqual([])
  })
})
