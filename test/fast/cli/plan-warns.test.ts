import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { generateKeyPair } from '../../../src/lab/host/ssh-keys.ts'
import { fakeInventory, pinNowhere } from '../../support/hosts/fake-inventory.ts'
import { type FakeSshHost, says, startFakeSshHost } from '../../support/hosts/fake-ssh-host.ts'
import { keel } from '../../support/keel/keel-in-process.ts'
import { factsText } from '../../support/samples/facts-text.ts'

const root = mkdtempSync(join(tmpdir(), 'keel-warns-'))
const inventory = join(root, 'inventory')
const key = ['-i', join(root, 'key')]
let srv: FakeSshHost

beforeAll(async () => {
  srv = await startFakeSshHost(says(factsText()))
  await fakeInventory(root, { srv: { role: 'server', host: srv } })
  pinNowhere(root)
})
afterAll(async () => {
  await srv?.[Symbol.asyncDispose]()
  rmSync(root, { recursive: true, force: true })
})

test('plan warns of a host whose new key no secret is encrypted to, until `keel rekey`', async () => {
  const warning = /^warning: srv: its hostKey cannot decrypt (k3s-\S+, )*k3s-server-token; run `keel rekey`$/m
  expect((await keel(inventory, ['plan', ...key])).err).not.toMatch(warning)
  const file = join(inventory, 'hosts/srv/host.ts')
  const before = readFileSync(file, 'utf8')
  writeFileSync(file, before.replace(/ssh-ed25519 [A-Za-z0-9+/=]+/, generateKeyPair().public.trim()))
  expect((await keel(inventory, ['plan', ...key])).err).toMatch(warning)
  expect((await keel(inventory, ['deploy', ...key])).err).toMatch(warning)
  expect((await keel(inventory, ['rekey', ...key])).exit).toBe(0)
  expect((await keel(inventory, ['plan', ...key])).err).not.toMatch(warning)
})
