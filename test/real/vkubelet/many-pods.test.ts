import { beforeAll, expect, test } from 'vitest'
import { inOwnSystemd } from '../../support/vkubelet/in-own-systemd.ts'

/** The whole program with a real systemd and many Pods, of which one fails on the host. */
let said: Readonly<Record<string, unknown>>
beforeAll(async () => {
  said = await inOwnSystemd(new URL('many-pods-child.ts', import.meta.url))
  console.log(JSON.stringify(said))
}, 240_000)

test('many Pods run, each with one report, and several reports are under way at a time', () => {
  expect(said.mostAtOnce).toBeGreaterThan(1)
  expect(said.mostAtOnce).toBeLessThanOrEqual(8)
  // each Pod is told that it runs. On a busy machine most are seen, and told, before systemd has started them; never at each
  // of the steps, of which there are twenty a second
  expect(said.patches).toBeLessThan(40 * 4)
})

test('one that fails says why, is not logged each second, and runs once it can', () => {
  const why = 'the file of vks.default.fails.main.service: EISDIR'
  expect(said.failing).toMatchObject([{ state: { waiting: { reason: 'CreateContainerError', message: why } } }])
  expect(said.told).toContain(`FailedSync: error syncing pod: ${why}`)
  expect(said.logged).toBeGreaterThan(0)
  expect(said.logged).toBeLessThan(6)
  expect(said.otherLines).toEqual([])
})
