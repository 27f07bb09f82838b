import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { keel } from '../../support/keel/keel-in-process.ts'

const example = new URL('../../../docs/examples/high-availability', import.meta.url).pathname
const golden = (ending: string) => {
  const file = ending === 'svg' ? 'docs/screens/graph.svg' : `test/golden/graph/high-availability.${ending}`
  return readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8')
}
const folder = mkdtempSync(join(tmpdir(), 'keel-graph-'))
afterAll(() => rmSync(folder, { recursive: true }))

test.each([
  [[], 'svg'],
  [['--format', 'svg'], 'svg'],
  [['--format', 'mermaid'], 'mmd'],
  [['--format', 'html'], 'html'],
] as const)('graph %j prints the picture and nothing else', async (argv, ending) => {
  expect(await keel(example, ['graph', ...argv])).toEqual({ exit: 0, out: golden(ending), err: '' })
})

test('--out: the ending names the format, and keel replaces its own file only', async () => {
  const out = join(folder, 'cluster.html')
  for (const _again of [1, 2]) {
    expect(await keel(example, ['graph', '--out', out])).toMatchObject({ exit: 0, out: `${out}: written\n`, err: '' })
    expect(readFileSync(out, 'utf8')).toBe(golden('html'))
  }
  writeFileSync(join(folder, 'hosts.ts'), 'export {}\n')
  const other = await keel(example, ['graph', '--out', join(folder, 'hosts.ts')])
  expect(other).toMatchObject({ exit: 2, out: '' })
  expect(other.err).toMatch(/not from keel graph/)
  expect(readFileSync(join(folder, 'hosts.ts'), 'utf8')).toBe('export {}\n')
})

test('--out: a link is not followed', async () => {
  symlinkSync(join(folder, 'elsewhere'), join(folder, 'link.svg'))
  expect(await keel(example, ['graph', '--out', join(folder, 'link.svg')])).toMatchObject({ exit: 2 })
})

test('a wrong format is a wrong usage', async () => {
  const { exit, err } = await keel(example, ['graph', '--format', 'htm'])
  expect([exit, err]).toEqual([2, expect.stringContaining('did you mean html?')])
})

test.each([
  ['--out', '.'],
  ['--out', 'hosts'],
  ['--format', 'svg', '--out', 'hosts'],
])('%j names a folder', async (...argv) => {
  const { exit, out, err } = await keel(example, ['graph', ...argv])
  expect({ exit, out }).toEqual({ exit: 2, out: '' })
  expect(err).toMatch(/: a folder\n {2}do: {2}name a file in it, such as .*cluster\.svg\n/)
})

test.each([
  ['x.pdf', [], 'the unknown ending .pdf'],
  ['x', [], 'no ending'],
  ['x.html', ['--format', 'svg'], 'the ending of html, but --format svg'],
  ['x.svg', ['--format', 'mermaid'], 'the ending of svg, but --format mermaid'],
])('--out %s %j is a wrong usage, and writes nothing', async (name, argv, found) => {
  const path = join(folder, name)
  const { exit, out, err } = await keel(example, ['graph', '--out', path, ...argv])
  expect({ exit, out, err }).toEqual({ exit: 2, out: '', err: expect.stringContaining(found) })
  expect(existsSync(path)).toBe(false)
})

test('--format decides for an ending that keel does not know', async () => {
  const out = join(folder, 'cluster.md')
  expect(await keel(example, ['graph', '--format', 'mermaid', '--out', out])).toMatchObject({ exit: 0, err: '' })
  expect(readFileSync(out, 'utf8')).toBe(golden('mmd'))
})

test('--out creates no folder', async () => {
  const { exit, err } = await keel(example, ['graph', '--out', join(folder, 'nope/x.svg')])
  expect([exit, err]).toEqual([2, expect.stringContaining('no such folder')])
  expect(existsSync(join(folder, 'nope'))).toBe(false)
})

test('completion offers the formats', async () => {
  const { out } = await keel(example, ['complete', '--', 'graph', '--format', ''])
  expect(out.trim().split('\n')).toEqual(['svg', 'mermaid', 'html'])
})
