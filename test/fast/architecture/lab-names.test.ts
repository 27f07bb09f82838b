import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../../test/e2e/', import.meta.url))

test('no two files of tests boot a lab of one name: each would end the other’s', () => {
  const names = globSync('**/*.test.ts', { cwd: root }).flatMap((file) =>
    [...readFileSync(root + file, 'utf8').matchAll(/labCluster\(\{ name: '([^']+)'/g)].map(([, name]) => name),
  )
  expect(names.length).toBeGreaterThan(10)
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
})
