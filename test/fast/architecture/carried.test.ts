import { readdirSync, readFileSync, statSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { carriedText, copyCarried } from '../../../src/carried.ts'

const root = new URL('../../../', import.meta.url).pathname

test('no module finds a file beside itself, because in the single executable it has none', () => {
  const sources = readdirSync(`${root}src`, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  )
  const asking = sources.filter((name) =>
    /import\.meta|__dirname|__filename/.test(readFileSync(`${root}src/${name}`, 'utf8')),
  )
  // the second makes a module's address of its own, and never a path
  expect(asking.toSorted()).toEqual(['carried.ts', 'inventory/typescript/import-fresh.ts'])
})

test('what keel carries is read and copied as it is, programs as programs', async () => {
  expect(carriedText('schema/host.json')).toBe(await readFile(`${root}schema/host.json`, 'utf8'))
  const copy = await mkdtemp(join(tmpdir(), 'keel-carried-'))
  try {
    await copyCarried('test/nixos', copy)
    expect(statSync(join(copy, 'standin/nixos-rebuild')).mode & 0o111).toBe(0o111)
  } finally {
    await rm(copy, { recursive: true })
  }
})
