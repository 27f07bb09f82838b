import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { keel } from '../../support/keel/keel-in-process.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const examples = readdirSync(`${root}docs/examples`).map((name) => `docs/examples/${name}`)

// test/real/docs-commands.test.ts runs what the pages of the examples say
test.each(['.', ...examples])('%s is an inventory without a fault', async (folder) => {
  const { exit, err } = await keel(root + folder, ['graph', '--format', 'mermaid'])
  // a Flatcar machine has no host key before its first boot
  const other = err.split('\n').filter((line) => !/^(|warning: .* has no hostKey: .*)$/.test(line))
  expect({ exit, other }).toEqual({ exit: 0, other: [] })
})

test('the example at the top has secrets that exactly its readers can read', async () => {
  expect(await keel(root, ['rekey', '--check'])).toMatchObject({ exit: 0 })
})
