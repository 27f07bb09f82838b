import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { watchFolder } from '../../../src/vkubelet/host/watch-folder.ts'

test('a folder tells when one of its files is edited, until it no longer has to', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'keel-watch-'))
  const file = join(folder, 'vks.default.one.main.service')
  await writeFile(file, 'Restart=no')
  const ending = new AbortController()
  let told = Promise.withResolvers<void>()
  let times = 0
  const changed = () => {
    times += 1
    told.resolve()
  }
  expect(watchFolder(folder, changed, ending.signal)).toBe(true)
  await writeFile(file, 'Restart=always')
  await told.promise
  told = Promise.withResolvers<void>()
  await rm(file)
  await told.promise
  ending.abort()
  const before = times
  await writeFile(file, '')
  const other = Promise.withResolvers<void>()
  const control = new AbortController()
  expect(watchFolder(folder, other.resolve, control.signal)).toBe(true)
  await writeFile(join(folder, 'another'), '')
  await other.promise
  expect(times).toBe(before)
  control.abort()
  await rm(folder, { recursive: true })
})

test('a folder that is not there tells nothing', () => {
  expect(watchFolder('/nowhere/at/all', () => {}, new AbortController().signal)).toBe(false)
})
