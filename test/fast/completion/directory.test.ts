import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { keel } from '../../support/keel/keel-in-process.ts'

const root = mkdtempSync(join(tmpdir(), 'keel-complete-'))
beforeAll(() => {
  mkdirSync(join(root, 'mercury/hosts'), { recursive: true })
  for (const file of ['secrets.yaml', 'hosts/maia.yaml']) writeFileSync(join(root, 'mercury', file), '')
})
afterAll(() => rmSync(root, { recursive: true }))

test.each([
  [['-C', 'mercury', 'plan', '']],
  [['plan', '-C', 'mercury', '']],
  // the shell hands over what is typed, before it expands it
  [['plan', '-C', '~/mercury', '']],
])('%j: the hosts of that inventory', async (words) => {
  expect(await keel(root, ['complete', '--', ...words], '', { env: { HOME: root } })).toMatchObject({
    exit: 0,
    out: 'maia\n',
  })
})

test.each([
  [
    ['sysext', 'list', ''],
    ['k3s', 'kubernetes'],
  ],
  [['sysext', 'list', 'kubernetes', '--minor', '1.36'], ['1.36']],
  [['sysext', 'build', 'kubernetes', 'v1.36.3', '--arch', 'x'], ['x86-64']],
])('%j: %j', async (words, offered) => {
  const { out } = await keel(root, ['complete', '--', ...words])
  expect(out.split('\n').filter((line) => line !== '')).toEqual(offered)
})
