import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

const gitignore = readFileSync(new URL('../../../src/templates/init/gitignore.txt', import.meta.url))

/**
 * What each step of keel leaves when it is killed in it, by the names in staging.ts, write-tree.ts and
 * create-inventory.ts.
 */
const LEFTOVERS = [
  'secrets/.keel-transaction/0123456789abcdef.owner',
  'secrets/.keel-transaction/0123456789abcdef.journal',
  'secrets/.keel-transaction/0123456789abcdef.0',
  'secrets/.keel-transaction-4711-0123456789ab-0123456789abcdef/0123456789abcdef.owner',
  '.keel-init-4711-0123456789ab-01234567-89ab-4cde-8f01-23456789abcd/secrets.ts',
  '.keel-render-Ab12Cd/0',
  'rendered/.keel-render-Ab12Cd/0',
]
const OWN = [
  'secrets.ts',
  'secrets/recipients.json',
  'secrets/k3s-server-token.age',
  'hosts/maia/host.ts',
  'keel.lock.json',
]

test('git passes over what an interrupted keel leaves in an inventory, and over nothing else', () => {
  const directory = mkdtempSync(join(tmpdir(), 'keel-leftovers-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const git = (...args: readonly string[]) => execFileSync('git', args, { cwd: directory, encoding: 'utf8' })
  git('init', '--quiet')
  writeFileSync(join(directory, '.gitignore'), gitignore)
  for (const file of [...LEFTOVERS, ...OWN]) {
    mkdirSync(dirname(join(directory, file)), { recursive: true })
    writeFileSync(join(directory, file), '')
  }
  const seen = git('ls-files', '--others', '--exclude-standard').trim().split('\n')
  expect(seen.toSorted()).toEqual(['.gitignore', ...OWN].toSorted())
})
