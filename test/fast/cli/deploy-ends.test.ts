import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { RunRecord } from '../../../src/ui/run/run-record.ts'
import { fakeInventory } from '../../support/hosts/fake-inventory.ts'
import { type FakeSshHost, says, startFakeSshHost } from '../../support/hosts/fake-ssh-host.ts'
import { keel } from '../../support/keel/keel-in-process.ts'
import { elfProgram } from '../../support/samples/elf.ts'
import { factsText } from '../../support/samples/facts-text.ts'

/** A deploy to a new host that is interrupted while keel sends files to it: it ends with an exception. */
const root = mkdtempSync(join(tmpdir(), 'keel-ends-'))
const inventory = join(root, 'inventory')
let srv: FakeSshHost
let interrupt: AbortController

beforeAll(async () => {
  srv = await startFakeSshHost((channel, host) => {
    if (asked++ === 0) return says(factsText())(channel, host)
    // its second script: what is sent there
    channel.write('keel:ready\n')
    channel.once('data', () => interrupt.abort(new Error('SIGINT')))
  })
  await fakeInventory(root, { srv: { role: 'server', host: srv } })
  const program = join(root, 'k3s')
  writeFileSync(program, elfProgram())
  const sha256 = createHash('sha256').update(elfProgram()).digest('hex')
  const [, version = ''] = /version: '([^']+)'/.exec(readFileSync(join(inventory, 'hosts/cluster.ts'), 'utf8')) ?? []
  const k3s = { [version]: { amd64: { url: pathToFileURL(program).href, sha256 } } }
  writeFileSync(join(inventory, 'keel.lock.json'), JSON.stringify({ format: 1, artifacts: { k3s } }))
})
afterAll(async () => {
  await srv?.[Symbol.asyncDispose]()
  rmSync(root, { recursive: true, force: true })
})
let asked = 0

async function interrupted(...options: readonly string[]) {
  asked = 0
  interrupt = new AbortController()
  const argv = ['deploy', '--yes', '-i', join(root, 'key'), ...options]
  return keel(inventory, argv, '', { signal: interrupt.signal })
}

test('what became of each host, before the error', async () => {
  const { exit, err } = await interrupted()
  expect(exit, err).toBe(130)
  expect(err).toMatch(/^Not done: 1 host failed in \d+\.\d s\.\nkeel: interrupted$/m)
})

test('--json: `end` counts them, and stderr has no summary', async () => {
  const { out, err } = await interrupted('--json')
  expect(err).not.toContain('Not done')
  expect(JSON.parse(out.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({ event: 'end', hosts: { failed: 1 } })
})

test('faults do not claim that nothing was changed, once a host has', async () => {
  const run = new RunRecord()
  const faults = () => keel(inventory, ['plan', 'srvv'], '', { run })
  expect((await faults()).err).toContain('keel: 1 fault; nothing was changed')
  run.event({ event: 'done', host: 'srv', changed: true, seconds: 1 })
  expect((await faults()).err).toMatch(/^keel: 1 fault$/m)
})
