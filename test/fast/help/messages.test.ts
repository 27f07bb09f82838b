import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { keel } from '../../support/keel/keel-in-process.ts'

const src = fileURLToPath(new URL('../../../src/', import.meta.url))
const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(ts|hbs|sh|txt)$/.test(name))
/** What users can get to read: everything but comments, which begin a line. */
const lines = files.flatMap((file) =>
  readFileSync(src + file, 'utf8')
    .split('\n')
    .filter((line) => !/^\s*(\/\/|\*|\/\*|#)/.test(line) || file.startsWith('templates/init/'))
    .map((text) => ({ file, text })),
)

test('no message names a page by a path that its reader may not have', () => {
  expect(lines.filter(({ text }) => /docs\/[\w-]+\.md/.test(text))).toEqual([])
})

test('each `keel help` in a message is there', async () => {
  const named = lines.flatMap(({ file, text }) =>
    [...text.matchAll(/keel help ((?:topics )?[a-z][a-z0-9-]*)/g)].map(([, topic = '']) => ({ file, topic })),
  )
  expect(named.length).toBeGreaterThan(6)
  for (const { file, topic } of named)
    expect(await keel('/', ['help', ...topic.split(' ')]), `${file}: ${topic}`).toMatchObject({ exit: 0, err: '' })
})
