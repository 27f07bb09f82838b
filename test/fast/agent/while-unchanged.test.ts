import { mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { whileUnchanged } from '../../../src/agent/identity/while-unchanged.ts'

const folder = mkdtempSync(join(tmpdir(), 'keel-unchanged-'))
afterAll(() => rmSync(folder, { recursive: true }))
const [one, other] = [join(folder, 'one'), join(folder, 'other')]

test('what is made of files is made anew only when one of them has changed', async () => {
  let made = 0
  const read = whileUnchanged([one, other], (...texts) => {
    made += 1
    return texts
  })
  expect(await read()).toEqual([undefined, undefined])
  writeFileSync(one, 'a')
  expect(await read()).toEqual(['a', undefined])
  writeFileSync(other, 'b')
  const same = await read()
  expect(await read()).toBe(same)
  expect(made).toBe(3)

  // replaced by one of the same size and time, as a renewal may do
  writeFileSync(join(folder, 'new'), 'c')
  utimesSync(join(folder, 'new'), 0, 0)
  utimesSync(one, 0, 0)
  await read()
  renameSync(join(folder, 'new'), one)
  expect(await read()).toEqual(['c', 'b'])
  rmSync(other)
  expect(await read()).toEqual(['c', undefined])
  expect(made).toBe(6)
  await read(true)
  expect(made).toBe(7)
})
