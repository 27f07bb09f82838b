import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { strayFiles } from '../../../../src/secrets/readers/stray-files.ts'
import { rule } from '../../../support/secrets/secret-keys.ts'

function inventory(names: readonly string[]): string {
  const directory = mkdtempSync(join(tmpdir(), 'keel-strays-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  if (names.length > 0) mkdirSync(join(directory, 'secrets'))
  for (const name of names) writeFileSync(join(directory, 'secrets', name), '')
  return directory
}

test.each<[string, readonly string[], readonly string[]]>([
  ['encrypted files without a rule, by name', ['z.age', 'a.age', 'b.age', 'm.age'], ['b.age', 'm.age', 'z.age']],
  ['not the other files there', ['recipients.json', 'server-ca.crt', '.age.swp', 'a.age'], []],
  ['none where there is no folder', [], []],
])('stray are %s', async (_what, names, strays) => {
  expect(await strayFiles(inventory(names), [rule('a', [])])).toEqual(strays.map((name) => `secrets/${name}`))
})
