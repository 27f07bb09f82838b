import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fakeInventory, pinNowhere } from '../../support/hosts/fake-inventory.ts'
import { type Answer, type FakeSshHost, says, startFakeSshHost } from '../../support/hosts/fake-ssh-host.ts'
import { keel } from '../../support/keel/keel-in-process.ts'
import { factsText } from '../../support/samples/facts-text.ts'

/** Every verb with `[host...]` chooses hosts in the same way; how is in test/fast/selection. */
const root = mkdtempSync(join(tmpdir(), 'keel-choose-'))
const inventory = join(root, 'inventory')
const hosts: FakeSshHost[] = []
let asked: string[]
let answer: Answer
let silent: string | undefined

beforeAll(async () => {
  for (const name of ['maia', 'ocean'])
    hosts.push(
      await startFakeSshHost(async (channel, host) => {
        if (name === silent) return void channel.close()
        asked.push(name)
        await answer(channel, host)
      }),
    )
  const [maia, ocean] = hosts
  if (maia === undefined || ocean === undefined) throw new Error('no hosts')
  await fakeInventory(root, { maia: { role: 'agent', host: maia }, ocean: { role: 'server', host: ocean } })
  const file = join(inventory, 'hosts/maia/host.ts')
  writeFileSync(file, readFileSync(file, 'utf8').replace("role: 'agent',", "role: 'agent',\n  tags: ['rack1'],"))
  pinNowhere(root)
})
afterAll(async () => {
  for (const host of hosts) await host[Symbol.asyncDispose]()
  rmSync(root, { recursive: true, force: true })
})

async function run(verb: string, choice: readonly string[], off?: string) {
  asked = []
  silent = off
  // no deploy goes on with a host that does not answer as asked
  answer = { exec: says('here\n'), deploy: says('') }[verb] ?? says(factsText())
  const login = verb === 'render' ? [] : ['-i', join(root, 'key')]
  const rest = verb === 'exec' ? ['--', 'true'] : verb === 'render' ? ['--out', join(root, 'out')] : []
  return { ...(await keel(inventory, [verb, ...login, ...choice, ...rest])), asked }
}

describe.each([
  ['plan', ({ out }: { out: string }) => [...out.matchAll(/^(\w+) \((?:server|agent)\)$/gm)].map(([, name]) => name)],
  ['exec', ({ asked }: { asked: readonly string[] }) => asked],
  ['render', ({ out }: { out: string }) => [...out.matchAll(/^(maia|ocean): /gm)].map(([, name]) => name)],
  // the chosen one first, then what else it has to know
  ['deploy', ({ asked }: { asked: readonly string[] }) => asked.slice(0, 1)],
])('%s', (verb, hostsOf) => {
  test.each([
    [['*a'], ['maia']],
    [['--role', 'server'], ['ocean']],
    [['--tag', 'rack1'], ['maia']],
    [['--except', 'oce??'], ['maia']],
    [['*', '--except', 'maia'], ['ocean']],
    [['*', '--role', 'server'], ['ocean']],
  ])('%j', async (choice, expected) => {
    expect(hostsOf(await run(verb, choice))).toEqual(expected)
  })

  test.each([
    [['db-*']],
    [['--role', 'worker']],
    [['--tag', 'rack2']],
    [['--except', 'oce']],
    [['--except', '*']],
    // meant to leave out both
    [['--except', 'maia', 'ocean']],
  ])('%j is a wrong usage, and no host is asked', async (choice) => {
    expect(await run(verb, choice)).toMatchObject({ exit: 2, out: '', asked: [] })
  })
})

test.each([
  [['*a', '--tag', 'rack1'], "'*a' --tag rack1"],
  [['*', '--except', 'oce*'], "'*' --except 'oce*'"],
])('plan ends with the command for the same hosts, for a shell: %j', async (choice, words) => {
  const { out } = await run('plan', choice)
  expect(out).toContain(`Run keel deploy ${words} to apply.`)
})

describe('--skip-unreachable', () => {
  test('plan shows what deploy would do with it, and what forbids it', async () => {
    const plain = await run('plan', [], 'ocean')
    expect(plain.exit).toBe(6)
    expect(plain.out).not.toContain('refused')
    const skipping = await run('plan', ['--skip-unreachable'], 'ocean')
    expect(skipping).toMatchObject({ exit: 6, out: expect.stringContaining('refused: ocean: keel cannot reach it') })
    const agentOff = await run('plan', ['--skip-unreachable'], 'maia')
    expect(agentOff).toMatchObject({
      exit: 6,
      out: expect.stringContaining('Run keel deploy --skip-unreachable to apply.'),
    })
  })

  test('exec runs on the others, with it or without', async () => {
    for (const choice of [[], ['--skip-unreachable']])
      expect(await run('exec', choice, 'ocean')).toMatchObject({ exit: 6, out: 'maia: here\n' })
  })
})
