import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { plainText } from '../../../src/model/text/styled-text.ts'
import { fakeInventory, pinNowhere } from '../../support/hosts/fake-inventory.ts'
import { type Answer, type FakeSshHost, startFakeSshHost } from '../../support/hosts/fake-ssh-host.ts'
import { keel } from '../../support/keel/keel-in-process.ts'
import { runningText } from '../../support/samples/facts-text.ts'
import { found, wantedForms } from '../../support/secrets/secret-hunt.ts'

/** `keel plan --diff` of a server whose config.yaml somebody has edited. */
const root = mkdtempSync(join(tmpdir(), 'keel-plan-diff-'))
const inventory = join(root, 'inventory')
const config = '/etc/rancher/k3s/config.yaml'
const secrets = {
  token: `K10${randomBytes(32).toString('hex')}::server:${randomBytes(16).toString('hex')}`,
  password: `p${randomBytes(8).toString('hex')}`,
  word: 'opensesame',
}
const edited = `max-pods: 77
token: "${secrets.token}"
datastore-endpoint: postgres://k3s:${secrets.password}@db.example/k3s
mine: ${secrets.word}
\u001b[2J\u001b]0;T\u0007
`
let srv: FakeSshHost
let shown: string

const facts = runningText('server', undefined, {
  'path-states': `${config}\tfile\t600\troot\troot\n${config}\tsha256\t${'d'.repeat(64)}`,
})
const contents: Answer = async (channel, host) => {
  channel.write('keel:ready\n')
  await vi.waitUntil(() => host.script().includes('base64 -w0') || host.script().includes('facts()'))
  if (host.script().includes('facts()')) channel.write(facts)
  else channel.write(shown)
  channel.exit(0)
  channel.end()
}

beforeAll(async () => {
  srv = await startFakeSshHost(contents)
  await fakeInventory(root, { srv: { role: 'server', host: srv } })
  pinNowhere(root)
})
afterAll(async () => {
  await srv?.[Symbol.asyncDispose]()
  rmSync(root, { recursive: true, force: true })
})

const row = (text: string) => `${config}\ttext\t${Buffer.from(text).toString('base64')}\n`
const plan = async (text: string, ...argv: readonly string[]) => {
  shown = row(text)
  const before = srv.commands.length
  const { out, err } = await keel(inventory, ['plan', ...argv, '-i', join(root, 'key')])
  return { out, err, execs: srv.commands.length - before }
}

test('attack 3: what the host has in an edited file reaches neither the plan nor a message', async () => {
  const { out, err, execs } = await plan(edited, '--diff')
  expect(out).toContain(`  ~ write ${config} (its content differs)\n      @@ -`)
  expect(out).toContain('      -max-pods: 77\n      -token: "[hidden]')
  expect(out).toContain('      -mine: [hidden]\n')
  expect(execs).toBe(2)
  expect(found(wantedForms(secrets), out + err)).toEqual([])
  expect(out).not.toContain('\u001b')
})

test('the hunt finds these secrets in what the host has sent, and in a plan what is no secret there', async () => {
  expect(found(wantedForms(secrets), edited)).toEqual(Object.keys(secrets))
  // the name of the host is in the inventory's file, too
  const { out } = await plan('mine: srv\n', '--diff')
  expect(found(new Map([['a word that is known', 'mine: srv']]), out), out).toEqual(['a word that is known'])
})

test('without --diff, and without a terminal, no file is asked for', async () => {
  for (const argv of [[], ['--no-diff'], ['--json', '--diff']]) {
    const { out, execs } = await plan(edited, ...argv)
    expect(execs).toBe(1)
    expect(out).not.toContain('@@')
  }
})

test('on a terminal the diff is the default', async () => {
  shown = row(edited)
  const stdout = Object.assign(new PassThrough(), { isTTY: true })
  const show = (text: Parameters<typeof plainText>[0]) => void stdout.write(`${plainText(text)}\n`)
  await keel(inventory, ['plan', '-i', join(root, 'key')], '', { stdout, show })
  expect(String(stdout.read())).toContain('      -max-pods: 77\n')
})

test('a host that does not show the file leaves the plan as it is', async () => {
  for (const answer of ['', `${config}\twhat\n`, '\u0000\n']) {
    shown = answer
    const { exit, out } = await keel(inventory, ['plan', '--diff', '-i', join(root, 'key')])
    expect(out).toContain('its content is not shown: the host did not show it\n')
    expect(exit, out).toBe(0)
  }
})
