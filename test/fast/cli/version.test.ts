import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import manifest from '../../../package.json' with { type: 'json' }
import { generateKeyPair } from '../../../src/lab/host/ssh-keys.ts'
import { keel } from '../../support/keel/keel-in-process.ts'

const root = mkdtempSync(join(tmpdir(), 'keel-version-'))
const own = [`keel ${manifest.version}`, `node ${process.versions.node}`]
beforeAll(async () => {
  writeFileSync(join(root, 'key.pub'), generateKeyPair().public)
  const host = `name=maia,role=server,os=debian,address=root@192.0.2.1,hostKey=${generateKeyPair().public}`
  const of = ['--admin', 'me=key.pub', '--k3s-version', 'v1.35.2+k3s1', '--host', host]
  const made = await keel(root, ['init', 'home', '--yes', ...of])
  expect(made.exit, made.err).toBe(0)
})
afterAll(() => rmSync(root, { recursive: true }))

test('outside of an inventory: of keel and of Node', async () => {
  expect(await keel(root, ['version'])).toEqual({ exit: 0, out: `${own.join('\n')}\n`, err: '' })
})

test('in an inventory: of its k3s as well', async () => {
  const out = `${[...own, 'k3s v1.35.2+k3s1'].join('\n')}\n`
  expect(await keel(root, ['version', '-C', 'home'])).toEqual({ exit: 0, out, err: '' })
  expect(JSON.parse((await keel(join(root, 'home/hosts'), ['version', '--json'])).out)).toEqual({
    time: expect.stringMatching(/^\d{4}-.*Z$/),
    keel: manifest.version,
    node: process.versions.node,
    k3s: 'v1.35.2+k3s1',
    supportEnds: '2027-02-28',
  })
})

test('and a note if upstream no longer supports that version', async () => {
  const now = () => new Date('2027-03-01T00:00:00Z')
  expect(await keel(root, ['version', '-C', 'home'], '', { now })).toEqual({
    exit: 0,
    out: expect.stringContaining('k3s v1.35.2+k3s1'),
    err: expect.stringMatching(/^note: hosts\/cluster: support of Kubernetes 1.35 ended on 2027-02-28/),
  })
  expect((await keel(root, ['version', '--quiet', '-C', 'home'], '', { now })).err).toBe('')
})

test('a folder that was named and is in no inventory is a fault', async () => {
  expect(await keel(root, ['version', '-C', '.'])).toMatchObject({
    exit: 2,
    err: expect.stringContaining('no secrets.ts'),
  })
})
