import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tagsIn } from '../../../src/completion/tags.ts'
import { keel } from '../../support/keel/keel-in-process.ts'
import { processorMs } from '../../support/processor-time.ts'

describe('the tags in a text', () => {
  test.each([
    ["defineHost({ tags: ['rack1', \"gpu\"], role: 'agent' })", ['rack1', 'gpu']],
    ["'tags': [\n  'a', // not b\n  'c',\n]", ['a', 'c']],
    ["defaults: { tags: ['all'] }", ['all']],
    ["tags: [...common, 'own']", ['own']],
    ['tags: [a, b-1.c_d]', ['a', 'b-1.c_d']],
    ['tags:\n  - rack1\n  - "gpu" # not rack2\nlabels:\n  - no\n', ['rack1', 'gpu']],
    ['tags:\n- a\n- b\nrole: agent\n', ['a', 'b']],
    ['mytags: [a]', []],
    ['tags: a', []],
    ["tags: ['$(touch)', 'A', '-x', 'a/b', 'a b', f('c')]", []],
  ])('%j', (text, tags) => {
    expect(tagsIn(text)).toEqual(tags)
  })

  test.each(['tags: [', 'tags:\n- ', 'tags:\n', 'tags: [a-', "tags: ['", ' '])('of %j again and again', (piece) => {
    const text = `tags: ${piece.repeat((64 << 10) / piece.length)}`
    expect(processorMs(() => tagsIn(text))).toBeLessThan(1000)
  })
})

describe('Tab behind --tag', () => {
  const root = mkdtempSync(join(tmpdir(), 'keel-tags-'))
  beforeAll(() => {
    for (const name of ['maia', 'ocean', 'reef']) mkdirSync(join(root, 'hosts', name), { recursive: true })
    const files = {
      'secrets.ts': '',
      'elsewhere.yaml': 'tags: [secret]',
      'hosts/cluster.yaml': 'defaults: { tags: [all] }',
      'hosts/maia/host.ts': "throw new Error('run'); defineHost({ tags: ['rack1'] })",
      'hosts/ocean/host.yaml': 'tags: [rack1, gpu]',
    }
    for (const [file, text] of Object.entries(files)) writeFileSync(join(root, file), text)
    symlinkSync('../../elsewhere.yaml', join(root, 'hosts/reef/host.yaml'))
  })
  afterAll(() => rmSync(root, { recursive: true }))

  test('those of all files, each once; nothing is run, and no link is followed', async () => {
    const { out } = await keel(root, ['complete', '--', 'deploy', '--tag', ''])
    expect(out).toBe('all\ngpu\nrack1\n')
  })
})
