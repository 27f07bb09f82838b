import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { main } from '../../../src/cli.ts'
import { fakeInventory, pinNowhere } from '../../support/hosts/fake-inventory.ts'
import { type Answer, type FakeSshHost, hostile, says, startFakeSshHost } from '../../support/hosts/fake-ssh-host.ts'
import { keel, recordingIo } from '../../support/keel/keel-in-process.ts'
import { checkOutput } from '../../support/keel/valid-output.ts'
import { runningText } from '../../support/samples/facts-text.ts'

const root = mkdtempSync(join(tmpdir(), 'keel-status-'))
const inventory = join(root, 'inventory')
const key = join(root, 'key')
const hosts: FakeSshHost[] = []
let answers: Readonly<Record<string, Answer>>

const cluster = ['maia', 'ocean'].map((name) => `1\tNode\t\t\tTrue\tv1.36.3+k3s1\t\t${name}`)
const section = (name: string, text: string) => `\u0001probe ${name}\n${text}\n`
const server = `${runningText('server')}${section('etcd-member', 'data\tyes\nhealth\t{"health":"true"}')}${section('cluster-look', ['asked', ...cluster].join('\n'))}`
const agent = runningText('agent')
const well = { ocean: says(server), maia: says(agent) }
const silent: Answer = (channel) => void channel.close()

beforeAll(async () => {
  for (const name of ['maia', 'ocean'])
    hosts.push(await startFakeSshHost((channel, host) => answers[name]?.(channel, host)))
  const [maia, ocean] = hosts
  if (maia === undefined || ocean === undefined) throw new Error('no hosts')
  await fakeInventory(root, { maia: { role: 'agent', host: maia }, ocean: { role: 'server', host: ocean } })
  pinNowhere(root)
})
afterAll(async () => {
  for (const host of hosts) await host[Symbol.asyncDispose]()
  rmSync(root, { recursive: true, force: true })
})

const run = (given: Partial<typeof well>, ...options: readonly string[]) => {
  answers = { ...well, ...given }
  return keel(inventory, ['status', '-i', key, ...options])
}

describe('keel status', () => {
  test('one screen; the hosts are healthy and differ from the inventory: 0, or 3 with --exit-code', async () => {
    const { exit, out, err } = await run({})
    expect([exit, err]).toEqual([0, ''])
    expect(out).toMatch(/^! ocean {2}server {2}Ready {2}v1\.36\.3\+k3s1 {2}0\/0 {3}1 program, /m)
    expect(out).toMatch(/^! maia {3}agent/m)
    expect((await run({}, '--exit-code')).exit).toBe(3)
  })

  test.each<[string, Partial<typeof well>, number]>([
    ['a host does not answer', { maia: silent }, 6],
    ['a service does not run', { maia: says(agent.replaceAll('ActiveState=active', 'ActiveState=failed')) }, 1],
    ['no API answers', { ocean: says(server.replace('asked', '')) }, 1],
    ['a Node is not Ready', { ocean: says(server.replace('True', 'False')) }, 1],
  ])('%s: %#', async (_what, given, code) => {
    expect((await run(given)).exit).toBe(code)
    expect((await run(given, '--exit-code', '--skip-unreachable')).exit).toBe(code)
  })

  test('--json: one object', async () => {
    const { exit, out } = await run({ maia: silent }, '--json')
    expect(exit).toBe(6)
    expect(JSON.parse(out)).toMatchObject({
      level: 'unreachable',
      through: 'ocean',
      hosts: [
        { host: 'maia', level: 'unreachable' },
        { host: 'ocean', level: 'pending', node: 'ready' },
      ],
    })
  })

  test('some hosts: the servers are asked, too, and not shown', async () => {
    const { exit, out } = await run({}, '--role', 'agent', '--json')
    expect([exit, JSON.parse(out).hosts.map(({ host }: { host: string }) => host)]).toEqual([0, ['maia']])
    expect(JSON.parse(out).through).toBe('ocean')
    expect((await run({}, 'db-*')).exit).toBe(2)
  })

  test('without a pin: all but the drift, and what to do about that', async () => {
    rmSync(join(inventory, 'keel.lock.json'))
    try {
      const { exit, out, err } = await run({}, '--json')
      expect(exit, err).toBe(0)
      expect(JSON.parse(out)).toMatchObject({
        through: 'ocean',
        hosts: [
          { host: 'ocean', level: 'well', node: 'ready', drift: { kind: 'unknown' } },
          { host: 'maia', level: 'well', node: 'ready', drift: { kind: 'unknown' } },
        ],
      })
      expect(err).toMatch(/^warning: keel status compares no host: keel\.lock\.json: no k3s v\S+ for amd64$/m)
      expect(err).toMatch(/^ {2}do: {2}run `keel pin`$/m)
    } finally {
      pinNowhere(root)
    }
  })

  test('it needs no key that decrypts, and writes nothing into the inventory', async () => {
    const before = readFileSync(join(inventory, 'keel.lock.json'), 'utf8')
    expect((await run({})).exit).toBe(0)
    expect(readFileSync(join(inventory, 'keel.lock.json'), 'utf8')).toBe(before)
  })
})

describe('keel status --watch', () => {
  test.each([[[]], [['--json']]])(
    '%j: goes on over the same connections until a signal ends it, with 130',
    async (options) => {
      const stop = new AbortController()
      answers = well
      const { io, printed } = recordingIo(inventory, '', { signal: stop.signal })
      const connections = hosts.map((host) => host.commands.length)
      const running = main(['status', '-i', key, '--watch', '--interval', '1', ...options], io)
      await vi.waitUntil(() => hosts.every((host, index) => host.commands.length >= (connections[index] ?? 0) + 2), {
        timeout: 20_000,
      })
      stop.abort(new Error('SIGINT'))
      expect(await running).toBe(130)
      const { out } = printed()
      if (options.length === 0) expect(out).toMatch(/^! ocean/m)
      else {
        checkOutput(['status', '--watch', ...options], out, 130)
        const [end, ...screens] = out
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line))
          .reverse()
        expect(end).toMatchObject({ time: expect.any(String), event: 'end', exit: 130 })
        for (const screen of screens) expect(screen).toMatchObject({ cluster: expect.any(String) })
      }
    },
  )

  test('--json: a fault before the first look is a line too, and `end` follows', async () => {
    const { exit, out } = await run({}, '--watch', '--json', 'nobody')
    expect(exit).toBe(2)
    expect(
      out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      expect.objectContaining({ faults: [expect.objectContaining({ code: 'unknown-host' })] }),
      expect.objectContaining({ event: 'end', exit: 2 }),
    ])
  })
})

describe('attack 7: hosts in strange hands', () => {
  // biome-ignore lint/complexity/useRegexLiterals: named one by one, as docs/security.md does
  const acts = new RegExp('[\\u0000-\\u0009\\u000b-\\u001f\\u007f-\\u009f\\u202a-\\u202e]')

  test.each([
    ['no shell', says('\u001b[2J', { isReady: false, exitCode: 1 })],
    ['control characters', says(`${agent}${section('certificate-ends', '==> /\u001b[2J.crt <==')}\u202e`)],
    ['a forged section', says(agent.replace('id=debian', 'id=\u001b]52;c;AAAA\u0007'))],
    ['nothing of what was asked', says('\u009b1;1H')],
  ])('%s', async (_what, answer) => {
    for (const options of [[], ['--json']]) {
      const { out, err } = await run({ maia: answer }, ...options)
      expect(out).not.toMatch(acts)
      expect(err).not.toMatch(acts)
      expect(out).toContain('ocean')
    }
  })

  test.each(['flood', 'flooderr', 'garbage', 'nothing'] as const)(
    'attack 6: %s keeps nobody from the other hosts',
    async (act) => {
      const began = performance.now()
      const { exit, out } = await run({ maia: hostile[act] })
      expect(exit).toBe(6)
      expect(out).toMatch(/^x maia/m)
      expect(out).toMatch(/^! ocean/m)
      expect(performance.now() - began).toBeLessThan(20_000)
    },
  )

  test('attack 6: loris keeps nobody from the other hosts: after 5 s by the clock it is left out', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    onTestFinished(() => void vi.useRealTimers())
    const [asked, answered] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    let ended = false
    const running = run({
      maia: (channel) => {
        asked.resolve()
        return hostile.loris(channel)
      },
      ocean: (channel, host) => {
        // keel has read all of it
        channel.on('close', answered.resolve)
        return says(server)(channel, host)
      },
    }).finally(() => {
      ended = true
    })
    await Promise.all([asked.promise, answered.promise])
    // each time a byte of the trickle
    const pass = async (tenths: number) => {
      for (let tenth = 0; tenth < tenths; tenth++) {
        vi.advanceTimersByTime(100)
        await turn()
      }
    }
    await pass(45)
    expect(ended).toBe(false)
    await pass(10)
    const { exit, out } = await running
    expect(exit).toBe(6)
    expect(out).toMatch(/^x maia/m)
    expect(out).toMatch(/^! ocean/m)
  })
})
