import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { htmlOf } from '../../../src/graph/html.ts'
import { svgOf } from '../../../src/graph/svg.ts'
import { type Topology, topologyOf } from '../../../src/graph/topology.ts'
import { loadInventory } from '../../../src/inventory/load.ts'
import { type Browser, startBrowser } from '../../support/browser/browser.ts'
import { longNames, sampleTopology } from '../../support/graph/sample-topology.ts'

const example = new URL('../../../docs/examples/high-availability', import.meta.url).pathname
const folder = mkdtempSync(join(tmpdir(), 'keel-pictures-'))
const evil = [
  '"><script>document.title="run"</script>',
  "' onload='document.title=1",
  '</text></svg><!--',
  ']]>&amp;&#0;<b>',
  '\u0000\ud800\ufffe\u202e',
]
let browser: Browser

beforeAll(async () => {
  browser = await startBrowser()
})
beforeEach(() => {
  browser.page.said.length = 0
  browser.page.requested.length = 0
})
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

/** Of a picture: texts that leave their box or the picture, and texts that touch each other. */
const misplaced = `(() => {
  const svg = document.querySelector('svg')
  const outside = (one, other) => one.x < other.x || one.y < other.y || one.right > other.right + 0.5 || one.bottom > other.bottom + 0.5
  const box = (element) => element.getBoundingClientRect()
  const texts = [...svg.querySelectorAll('text')]
  const boxes = texts.map(box)
  const leaving = texts.filter((text, index) => {
    const within = text.parentElement === svg ? svg : text.parentElement.querySelector('rect')
    return boxes[index].width > 0 && outside(boxes[index], box(within))
  })
  const touching = texts.filter((text, index) => boxes.some((other, at) => {
    const one = boxes[index]
    return at < index && one.x < other.right - 1 && other.x < one.right - 1 && one.y < other.bottom - 2 && other.y < one.bottom - 2
  }))
  return { texts: texts.length, leaving: leaving.map((one) => one.textContent), touching: touching.map((one) => one.textContent) }
})()`

interface Misplaced {
  readonly texts: number
  readonly leaving: readonly string[]
  readonly touching: readonly string[]
}

async function open(name: string, text: string): Promise<void> {
  const file = join(folder, name)
  writeFileSync(file, text)
  await browser.page.open(pathToFileURL(file).href)
}

describe.each([
  ['the example', async () => topologyOf((await loadInventory(example)).cluster)],
  ['two hosts', () => sampleTopology((index) => `x${index}`, { servers: 1, agents: 1 })],
  ['200 hosts with long names', () => sampleTopology(longNames, { servers: 5, agents: 195 })],
  ['hostile names', () => sampleTopology((index) => `${evil[index % evil.length]}${index}`, { servers: 3, agents: 9 })],
] as const)('in Chromium, %s', (name, topology: () => Topology | Promise<Topology>) => {
  test.each([
    ['html', htmlOf],
    ['svg', svgOf],
  ] as const)('%s: every text is in its place, nothing else is asked for, nothing complains', async (ending, print) => {
    await open(`${name}.${ending}`, print(await topology()))
    const { texts, ...places } = await browser.page.evaluate<Misplaced>(misplaced)
    expect(texts).toBeGreaterThan(10)
    expect(places).toEqual({ leaving: [], touching: [] })
    expect(browser.page.said).toEqual([])
    expect(browser.page.requested).toHaveLength(1)
    expect(await browser.page.evaluate('document.title')).not.toBe('run')
    expect(await browser.page.evaluate("document.querySelectorAll('parsererror, script').length")).toBe(0)
  })
})

test('on a narrow page, no name and no address of a host is broken in two', async () => {
  const { cluster } = await loadInventory(example)
  await browser.page.emulate('light', 760)
  await open('narrow.html', htmlOf(topologyOf(cluster)))
  const broken = `[...document.querySelectorAll('tr[id] td')].filter((cell) => !/[ ,]/.test(cell.textContent)).filter((cell) => {
    const range = document.createRange()
    range.selectNodeContents(cell)
    return new Set([...range.getClientRects()].map(({ top }) => top)).size > 1
  }).map((cell) => cell.textContent)`
  expect(await browser.page.evaluate(broken)).toEqual([])
})

test('a screenshot shows more than one colour, and others in the dark', async () => {
  const { cluster } = await loadInventory(example)
  await open('looks.html', htmlOf(topologyOf(cluster)))
  const sizes: number[] = []
  for (const look of ['light', 'dark'] as const) {
    await browser.page.emulate(look, 1000)
    // of one colour this page has some 5 kB
    sizes.push((await browser.page.screenshot()).length)
    const colours = await browser.page.evaluate<string[]>(
      "['.ground', '.frame > rect', 'text'].map((one) => getComputedStyle(document.querySelector(one)).fill)",
    )
    expect(new Set(colours).size, look).toBe(3)
    expect(colours[0], look).toBe(look === 'dark' ? 'rgb(14, 18, 23)' : 'rgb(255, 255, 255)')
  }
  for (const size of sizes) expect(size).toBeGreaterThan(20_000)
})

test("the page's own policy stops a script that is in it all the same", async () => {
  const { cluster } = await loadInventory(example)
  await open(
    'script.html',
    htmlOf(topologyOf(cluster)).replace('</body>', '<script>document.title = "run"</script></body>'),
  )
  expect(await browser.page.evaluate('document.title')).toBe('reef')
  expect(browser.page.said.join()).toContain('Content Security Policy')
})
