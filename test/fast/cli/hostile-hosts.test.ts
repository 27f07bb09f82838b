import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fakeInventory, pinNowhere } from '../../support/hosts/fake-inventory.ts'
import { type Answer, type FakeSshHost, hostile, says, startFakeSshHost } from '../../support/hosts/fake-ssh-host.ts'
import { keel } from '../../support/keel/keel-in-process.ts'
import { factsAnswer } from '../../support/samples/facts-answer.ts'
import { factsText } from '../../support/samples/facts-text.ts'

/** Whole commands against hosts in strange hands: what a person sees of it. */
const root = mkdtempSync(join(tmpdir(), 'keel-hostile-'))
const inventory = join(root, 'inventory')
const key = join(root, 'key')

let srv: FakeSshHost
let agt: FakeSshHost
let answers: { srv: Answer; agt: Answer }

const honest = says(factsText())

beforeAll(async () => {
  srv = await startFakeSshHost((channel, host) => answers.srv(channel, host))
  agt = await startFakeSshHost((channel, host) => answers.agt(channel, host))
  await fakeInventory(root, { srv: { role: 'server', host: srv }, agt: { role: 'agent', host: agt } })
  pinNowhere(root)
})
afterAll(async () => {
  await srv?.[Symbol.asyncDispose]()
  await agt?.[Symbol.asyncDispose]()
  rmSync(root, { recursive: true, force: true })
})

const run = (argv: readonly string[], given: Partial<typeof answers> = {}, signal?: AbortSignal) => {
  answers = { srv: honest, agt: honest, ...given }
  return keel(inventory, [...argv, '-i', key], '', signal === undefined ? {} : { signal })
}

// biome-ignore lint/complexity/useRegexLiterals: named one by one, as docs/security.md does
const acts = new RegExp(
  '[\\u0000-\\u0009\\u000b-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]',
)
const evil = '\u001b]52;c;AAAA\u0007\u001b[2J\r\u202e\u009b1;1H\nkeel: forged line\n  why: forged'

test('an honest fleet has a plan', async () => {
  const { exit, out, err } = await run(['plan'])
  expect(err).toBe('')
  expect(out).toMatch(/^srv \(server\)/m)
  expect(out).toMatch(/^agt \(agent\)/m)
  expect(exit, out).toBe(0)
})

describe('attack 7: what reaches the terminal of', () => {
  test.each([
    { name: 'plan, a probe that fails', argv: ['plan'], answer: says('', { stderr: evil, exitCode: 3 }) },
    { name: 'plan, no shell', argv: ['plan'], answer: says(evil, { stderr: evil, exitCode: 1, isReady: false }) },
    {
      name: 'plan, drop-ins and paths',
      argv: ['plan'],
      answer: says(factsAnswer({ 'drop-ins': `/etc/${evil}.conf\n`, generation: `owned\t/etc/${evil}\n` })),
    },
    { name: 'plan --json', argv: ['plan', '--json'], answer: says('', { stderr: evil, exitCode: 3 }) },
    { name: 'deploy', argv: ['deploy'], answer: says('', { stderr: evil, exitCode: 3 }) },
    { name: 'deploy --json', argv: ['deploy', '--json'], answer: says('', { stderr: evil, exitCode: 3 }) },
    {
      name: 'secret import',
      argv: ['secret', 'import', 'k3s-server-token', '--from-host', 'srv'],
      answer: says('', { stderr: evil, exitCode: 1 }),
    },
  ])('attack 7: $name', async ({ argv, answer }) => {
    const { exit, out, err } = await run(argv, { srv: answer })
    expect(exit).not.toBe(0)
    expect(out + err).toContain('srv')
    expect(out).not.toMatch(acts)
    expect(err).not.toMatch(acts)
    expect(out + err).not.toMatch(/^(keel: forged| {2}why: forged)/m)
  })
})

describe('one host in strange hands', () => {
  test.each(['flood', 'big', 'noise', 'newlines', 'garbage', 'nothing'] as const)(
    'attack 6: %s: the other one’s plan is shown',
    async (name) => {
      const { exit, out, err } = await run(['plan'], { agt: hostile[name] })
      expect(err + out).not.toContain('a bug in keel')
      expect(err + out).toMatch(/agt: .*(more than|did not answer|can't be read)/)
      expect(out).toMatch(/^srv \(server\)/m)
      expect(exit).not.toBe(0)
    },
  )
})

describe('secret import from a hostile server', () => {
  const importing = ['secret', 'import', 'k3s-server-token', '--from-host', 'srv']

  test.each(['abc', 'K10::server:abc', 'K3S10::server:abc'])(
    'attack 18: %s, which names no CA, is refused where the CA is known',
    async (token) => {
      const before = readdirSync(join(inventory, 'secrets')).map((file) =>
        readFileSync(join(inventory, 'secrets', file), 'hex'),
      )
      const { exit, err } = await run(importing, { srv: says(`${token}\n`) })
      expect(err).toContain('a token that does not name the CA, though secrets/server-ca.crt is known')
      expect(exit).toBe(1)
      expect(
        readdirSync(join(inventory, 'secrets')).map((file) => readFileSync(join(inventory, 'secrets', file), 'hex')),
      ).toEqual(before)
    },
  )
})

describe('a first SIGINT or SIGTERM ends keel within two seconds, whatever it waits for', () => {
  const silent: Answer = (channel) => void channel.write('keel:ready\n')
  const nothing: Answer = () => undefined

  test.each([
    { name: 'a host that says nothing', argv: ['plan'], answer: nothing },
    { name: 'a script that says nothing', argv: ['plan'], answer: silent },
    { name: 'a byte now and then', argv: ['plan'], answer: hostile.loris },
    { name: 'a byte now and then before its shell is there', argv: ['deploy'], answer: hostile.lorispre },
    { name: 'secret import', argv: ['secret', 'import', 'k3s-server-token', '--from-host', 'srv'], answer: silent },
  ])('$name', async ({ argv, answer }) => {
    const interrupt = new AbortController()
    const before = srv.commands.length
    const running = run(argv, { srv: answer }, interrupt.signal)
    await expect.poll(() => srv.commands.length, { timeout: 30_000 }).toBeGreaterThan(before)
    const from = performance.now()
    interrupt.abort(new Error('SIGINT'))
    expect((await running).exit).toBe(130)
    expect(performance.now() - from).toBeLessThan(2000)
  })

  test('a server that accepts a connection and says nothing', async () => {
    const mute = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1')
    await new Promise((resolve) => mute.once('listening', resolve))
    const interrupt = new AbortController()
    mute.once('connection', () => interrupt.abort(new Error('SIGINT')))
    const address = `root@127.0.0.1:${Object(mute.address()).port}`
    const from = performance.now()
    const { exit, err } = await run(
      ['add-node', 'luna', '--address', address, '--node-ip', '192.0.2.3'],
      {},
      interrupt.signal,
    )
    expect(exit, err).toBe(130)
    expect(performance.now() - from).toBeLessThan(4000)
    mute.close()
  })
})
