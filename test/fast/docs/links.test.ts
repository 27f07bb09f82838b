import { existsSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { pages, textOf } from '../../support/docs/blocks.ts'
import { anchorsOf, linksOf } from '../../support/docs/links.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const anchors = new Map(pages.map((page) => [page, anchorsOf(textOf(page))]))
const targetOf = (page: string, path: string) => (path === '' ? page : normalize(join(dirname(page), path)))

describe('links in the docs', () => {
  test.each(pages)('%s: each leads to a file and a heading of it', (page) => {
    const dead = linksOf(textOf(page)).filter(({ path, anchor }) => {
      const target = targetOf(page, path)
      return !existsSync(root + target) || (anchor !== undefined && anchors.get(target)?.includes(anchor) === false)
    })
    expect(dead).toEqual([])
  })

  test('the README leads to every page', () => {
    const linked = linksOf(textOf('README.md')).map(({ path }) => path)
    expect(linked).toEqual(expect.arrayContaining(pages.filter((page) => page !== 'README.md')))
  })
})

describe('what the test reads', () => {
  test('links, images and HTML, but no code', () => {
    const text = '[a](x.md#y) ![b](z.svg) <img src="w.svg">\n```\n[c](d.md)\n```\n`[e](f.md)` [g](https://h.example/)'
    expect(linksOf(text)).toEqual([{ path: 'x.md', anchor: 'y' }, { path: 'z.svg' }, { path: 'w.svg' }])
  })

  test('anchors as GitHub makes them', () => {
    expect(anchorsOf('# The `a-b` of *C*: d, e\n## Two\n```\n# no\n```\n## Two\n')).toEqual([
      'the-a-b-of-c-d-e',
      'two',
      'two-1',
    ])
  })
})
