import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { drawTopology } from '../../../src/graph/draw-topology.ts'
import { type Box, widthOf } from '../../../src/graph/drawing.ts'
import { htmlOf } from '../../../src/graph/html.ts'
import { mermaidOf } from '../../../src/graph/mermaid.ts'
import { svgOf } from '../../../src/graph/svg.ts'
import { topologyOf } from '../../../src/graph/topology.ts'
import { loadInventory } from '../../../src/inventory/load.ts'
import { checkMermaid } from '../../support/graph/check-mermaid.ts'
import { readMarkup } from '../../support/graph/read-markup.ts'
import { longNames, sampleTopology } from '../../support/graph/sample-topology.ts'

const example = new URL('../../../docs/examples/high-availability', import.meta.url).pathname
const formats = { svg: svgOf, mmd: mermaidOf, html: htmlOf } as const
const sizes = [
  { servers: 1, agents: 0 },
  { servers: 1, agents: 1 },
  { servers: 3, agents: 0 },
  { servers: 3, agents: 21 },
  { servers: 5, agents: 195 },
]
const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '"><script>alert(1)</script>',
    "' onload='alert(1)",
    '</text></svg><!--',
    ']]>&amp;&#0;',
    '"]\n  evil --> admins\n  click admins "javascript:alert(1)"',
    '%%{init: {"securityLevel": "loose"}}%%',
    'end',
    '`**1. x**`',
    '#quot;#60;b#62;',
    '{{constructor}}',
    '\u202e\u0000\ud800\ufffe',
  ),
)
const names = (texts: readonly string[]) => (index: number) => `${texts[index % texts.length]}${index}`
const plain = (index: number) => `x${index}`

// regenerate with `npx vitest run --project fast -u`, then look at the files: a browser shows them
describe('the example with a virtual IP', () => {
  test.each(Object.entries(formats))('as %s', async (ending, print) => {
    const { cluster } = await loadInventory(example)
    const text = print(topologyOf(cluster))
    expect(print(topologyOf(cluster)), 'the same inventory is the same picture').toBe(text)
    // docs/graph.md shows the SVG
    const file = ending === 'svg' ? '../../../docs/screens/graph.svg' : `../../golden/graph/high-availability.${ending}`
    await expect(text).toMatchFileSnapshot(file)
  })
})

describe('names can not leave their place', () => {
  const shape = (source: string) => readMarkup(source).map(({ name, attributes }) => [name, ...Object.keys(attributes)])

  test.each(['svg', 'html'] as const)('%s (property)', (format) => {
    fc.assert(
      fc.property(
        fc.array(hostile, { minLength: 1, maxLength: 12 }),
        fc.constantFrom(...sizes.slice(0, 4)),
        (texts, size) => {
          const source = formats[format](sampleTopology(names(texts), size))
          expect(shape(source)).toEqual(shape(formats[format](sampleTopology(plain, size))))
          expect(source).not.toMatch(/<(script|img|link|iframe|foreignObject)|(src|srcset|xlink:href)=/)
        },
      ),
      { numRuns: 100 },
    )
  })

  test('html contains every name as it is (property)', () => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 12 }), (texts) => {
        const topology = sampleTopology(names(texts), { servers: 2, agents: 2 })
        const cells = readMarkup(htmlOf(topology)).filter(({ name }) => name === 'td')
        const hosts = [...topology.servers, ...topology.agents].map(({ name }) => possible(name))
        expect(cells.map(({ text }) => text)).toEqual(expect.arrayContaining(hosts))
      }),
      { numRuns: 50 },
    )
  })

  test('mermaid (property)', () => {
    fc.assert(
      fc.property(
        fc.array(hostile, { minLength: 1, maxLength: 12 }),
        fc.constantFrom(...sizes.slice(0, 4)),
        (texts, size) => {
          expect(checkMermaid(mermaidOf(sampleTopology(names(texts), size))).nodes).toBe(
            checkMermaid(mermaidOf(sampleTopology(plain, size))).nodes,
          )
        },
      ),
      { numRuns: 100 },
    )
  })
})

/** As XML can have it. */
function possible(text: string): string {
  return text.toWellFormed().replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
}

describe.each(sizes)('$servers servers and $agents agents', (size) => {
  test.each([
    ['short', plain],
    ['long', longNames],
    ['wide', (index: number) => `${'漢字'.repeat(20)}${index}`],
  ])('with %s names: texts are inside their boxes, boxes are apart and in the picture', (_kind, name) => {
    const { width, height, boxes } = drawTopology(sampleTopology(name, size))
    expect(boxes.filter(({ kind }) => kind === 'host' || kind === 'first')).toHaveLength(size.servers + size.agents)
    for (const box of boxes) {
      expect(box.x + box.width <= width && box.y + box.height <= height, JSON.stringify(box)).toBe(true)
      for (const { x, y, size, text } of box.texts)
        expect(x >= box.x && x + widthOf(text, size) <= box.x + box.width && y < box.y + box.height, text).toBe(true)
    }
    const solid = boxes.filter(({ kind }) => kind !== 'frame')
    const overlapping = solid.filter((box, index) => solid.some((other, at) => at < index && overlap(box, other)))
    expect(overlapping).toEqual([])
  })

  test('edges are between groups: Mermaid draws all of it', () => {
    const { nodes } = checkMermaid(mermaidOf(sampleTopology(longNames, size)))
    expect(nodes).toBeGreaterThan(size.servers + size.agents)
  })
})

function overlap(one: Box, other: Box): boolean {
  return (
    one.x < other.x + other.width &&
    other.x < one.x + one.width &&
    one.y < other.y + other.height &&
    other.y < one.y + one.height
  )
}
