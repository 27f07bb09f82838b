import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { fakeInventory } from '../../support/hosts/fake-inventory.ts'
import { type Answer, ending, type FakeSshHost, says, startFakeSshHost } from '../../support/hosts/fake-ssh-host.ts'
import { keel } from '../../support/keel/keel-in-process.ts'

const root = mkdtempSync(join(tmpdir(), 'keel-exec-'))
const inventory = join(root, 'inventory')
const key = join(root, 'key')
const hosts: FakeSshHost[] = []
let answers: Readonly<Record<string, Answer>>
let asked: number

beforeAll(async () => {
  for (const name of ['maia', 'ocean'])
    hosts.push(
      await startFakeSshHost(async (channel, given) => {
        asked++
        await answers[name]?.(channel, given)
      }),
    )
  const [maia, ocean] = hosts
  if (maia === undefined || ocean === undefined) throw new Error('no hosts')
  await fakeInventory(root, { maia: { role: 'server', host: maia }, ocean: { role: 'agent', host: ocean } })
})
beforeEach(() => {
  asked = 0
})
afterAll(async () => {
  for (const host of hosts) await host[Symbol.asyncDispose]()
  rmSync(root, { recursive: true, force: true })
})

const run = (given: typeof answers, ...argv: readonly string[]) => {
  answers = given
  return keel(inventory, ['exec', '-i', key, ...argv])
}

describe('keel exec', () => {
  test('one host: what it prints, as it is', async () => {
    const ended = await run({ maia: says('a\n\nb', { stderr: 'c\n' }) }, 'maia', '--', 'uptime', '-p')
    expect(ended).toEqual({ exit: 0, out: 'a\n\nb\n', err: 'c\n' })
  })

  test('several: each line with its host', async () => {
    const { exit, out, err } = await run({ maia: says('a\nb\n'), ocean: says('c\n', { stderr: 'd\n' }) }, '--', 'true')
    expect(out.trim().split('\n').sort()).toEqual(['maia: a', 'maia: b', 'ocean: c'])
    expect([exit, err]).toEqual([0, 'ocean: d\n'])
  })

  test('a status of another than 0: 1, and which host', async () => {
    const ended = await run({ maia: says(''), ocean: says('half\n', { exitCode: 3 }) }, '--', 'true')
    expect(ended).toEqual({ exit: 1, out: 'ocean: half\n', err: 'ocean: ended with 3\n' })
  })

  test('a host that runs no bash keeps no other from it', async () => {
    const { exit, out, err } = await run(
      { maia: says('', { isReady: false, exitCode: 1 }), ocean: says('here\n') },
      '--',
      'true',
    )
    expect([exit, out]).toEqual([1, 'ocean: here\n'])
    expect(err).toMatch(/^maia: /)
  })

  test('attack 7: control characters of a host are shown', async () => {
    const { out, err } = await run({ maia: says('\u001b[2J\n', { stderr: '\u202e\n' }) }, 'maia', '--', 'true')
    expect([out, err]).toEqual(['\\u001b[2J\n', '\\u202e\n'])
  })

  test('attack 6: a million lines of a host are written at once, and more than 4 MiB are refused', async () => {
    const lines = await run(
      { maia: says('\n'.repeat(1_000_000), { stderr: '\n'.repeat(1_000_000) }) },
      'maia',
      '--',
      'true',
    )
    expect([lines.exit, lines.out.length, lines.err.length]).toEqual([0, 1_000_000, 1_000_000])
    const more = await run({ maia: says('a'.repeat(5 << 20)), ocean: says('here\n') }, '--', 'true')
    expect([more.exit, more.out]).toEqual([6, 'ocean: here\n'])
    expect(more.err).toContain('more than 4194304 bytes on stdout')
  })

  test.each([
    [['uptime', '-p'], 'exec uptime -p'],
    [['echo', "a'b", '$HOME'], "exec echo 'a'\\''b' '$HOME'"],
    [['df -h | tail -n 1'], 'df -h | tail -n 1'],
    [['cat', '--', '-f'], 'exec cat -- -f'],
  ])('%j is run as %s', async (program, script) => {
    let sent = ''
    const takesAll: Answer = async (channel, host) => {
      channel.write('keel:ready\n')
      await vi.waitUntil(() => host.script().endsWith('\n}\n'))
      sent = host.script()
      ending(channel)
    }
    expect(await run({ maia: takesAll }, 'maia', '--', ...program)).toMatchObject({ exit: 0 })
    expect(sent).toContain(`;${script}\n}\n`)
  })

  test.each([[['maia']], [['maia', '--']], [['--', ...[]]]])('%j has no program', async (argv) => {
    const { exit, err } = await run({}, ...argv)
    expect([exit, err]).toEqual([2, expect.stringContaining('no program to run')])
  })

  test('an unknown host is refused before any is asked', async () => {
    const { exit, err } = await run({}, 'maia', 'ocaen', '--', 'true')
    expect([exit, err]).toEqual([2, expect.stringContaining('did you mean ocean?')])
    expect(asked).toBe(0)
  })
})
