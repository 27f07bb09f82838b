import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { accessOf } from '../../../src/desired/distribution/access-of.ts'
import { ExitCode, KeelError } from '../../../src/errors.ts'
import type { RunOptions } from '../../../src/ssh/transport.ts'
import { ClusterWatch } from '../../../src/status/cluster/cluster-watch.ts'
import { Person } from '../../../src/status/cluster/person.ts'
import { runningText } from '../../support/samples/facts-text.ts'
import { cluster, wanted } from '../../support/samples/seen-cluster.ts'

const look = `\u0001probe cluster-look\nasked\n${['ocean', 'reef', 'cove', 'maia', 'luna']
  .map((name) => `1\tNode\t\t\tTrue\tv1.36.3+k3s1\t\t${name}\n`)
  .join('')}`
const hangs = () => new Promise<never>(() => undefined)
const lost = (at: string) => new KeelError({ code: 'ssh-lost', at, found: 'lost', exit: ExitCode.Unreachable })

interface Fake {
  readonly connect?: (signal: AbortSignal | undefined) => Promise<void>
  readonly run?: (script: string, options?: RunOptions) => Promise<string>
}

/** A watch of five hosts that answer, except for some. */
function watching(fakes: Readonly<Record<string, Fake>> = {}, person?: Person) {
  const opened: string[] = []
  const open = new Set<string>()
  const told: string[] = []
  const watch = new ClusterWatch({
    cluster,
    selected: cluster.hosts,
    wanted: cluster.hosts.map(({ name }) => wanted(name)),
    access: accessOf(cluster),
    signal: new AbortController().signal,
    ...(person === undefined ? {} : { person }),
    connect: async (target, signal) => {
      const { name } = target
      opened.push(name)
      await fakes[name]?.connect?.(signal)
      open.add(name)
      return {
        target,
        run: async (script, options) => {
          const about = script.includes('cluster-look')
          if (about) told.push(name)
          const role = cluster.hosts.find((host) => host.name === name)?.role ?? 'agent'
          const said = fakes[name]?.run?.(script, options) ?? Promise.resolve(runningText(role) + (about ? look : ''))
          return { exitCode: 0, stdout: await said, stderr: '' }
        },
        close: async () => void open.delete(name),
      }
    },
  })
  return { watch, opened, open, told }
}

const levels = (status: { hosts: readonly { host: string; level: string }[] }) =>
  Object.fromEntries(status.hosts.map(({ host, level }) => [host, level]))

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

test('one connection and one script each; only one server is asked about the cluster', async () => {
  const { watch, opened, open, told } = watching()
  const status = await watch.look(5000)
  expect(status.through).toBe('ocean')
  expect(status.hosts.every(({ node }) => node === 'ready')).toBe(true)
  await watch.look(5000)
  expect(opened.toSorted()).toEqual(['cove', 'luna', 'maia', 'ocean', 'reef'])
  expect(told).toEqual(['ocean', 'ocean'])
  await watch[Symbol.asyncDispose]()
  expect([...open]).toEqual([])
})

test('a host that does not answer delays the others for no longer than it may, and is not asked twice', async () => {
  const answer = Promise.withResolvers<string>()
  const run = vi.fn(() => answer.promise)
  const { watch } = watching({ maia: { run } })
  const early = watch.look(1000)
  await vi.advanceTimersByTimeAsync(1000)
  expect(levels(await early)).toMatchObject({ maia: 'asking', ocean: 'pending', luna: 'pending' })
  const late = watch.look(5000)
  await vi.advanceTimersByTimeAsync(5000)
  const status = await late
  expect(status.hosts[0]).toMatchObject({
    host: 'maia',
    level: 'unreachable',
    fault: { code: 'no-answer-yet', found: 'no answer within 5 s' },
  })
  expect(run).toHaveBeenCalledTimes(1)
  answer.resolve(runningText('agent'))
  await vi.advanceTimersByTimeAsync(0)
  expect(levels(watch.status()).maia).toBe('pending')
})

describe('the first server does not tell about the cluster', () => {
  test('it can’t: another one is asked, and is the first to be asked from then on', async () => {
    const { watch, told } = watching({ ocean: { run: async () => runningText('server') } })
    expect((await watch.look(5000)).through).toBe('reef')
    const first = told.length
    expect((await watch.look(5000)).through).toBe('reef')
    expect(told.slice(first)).toEqual(['reef'])
  })

  test('it hangs: others are asked meanwhile', async () => {
    const { watch } = watching({ ocean: { run: hangs } })
    const looking = watch.look(5000)
    await vi.advanceTimersByTimeAsync(5001)
    const status = await looking
    expect(status.through).toBe('reef')
    expect(levels(status).ocean).toBe('unreachable')
    expect(status.hosts.find(({ host }) => host === 'maia')?.node).toBe('ready')
  })

  test('every host takes its time: others are asked only if the first one takes longer than they do', async () => {
    const saidIn = (ms: number, text: string) => new Promise<string>((resolve) => setTimeout(resolve, ms, text))
    const others = { run: () => saidIn(2500, runningText('server')) }
    const { watch, told } = watching({
      ocean: { run: () => saidIn(3500, runningText('server') + look) },
      reef: others,
      cove: others,
    })
    const looking = watch.look(5000)
    await vi.advanceTimersByTimeAsync(5000)
    expect([(await looking).through, told]).toEqual(['ocean', ['ocean']])
  })

  test('others that take their time are not asked again before they have answered', async () => {
    const asks: string[] = []
    const slow = async (script: string) => {
      if (!script.includes('facts()')) {
        asks.push('asked')
        return hangs()
      }
      return runningText('server')
    }
    const { watch } = watching({ ocean: { run: hangs }, reef: { run: slow }, cove: { run: slow } })
    for (let round = 0; round < 5; round++) {
      const looking = watch.look(2000)
      await vi.advanceTimersByTimeAsync(2000)
      await looking
    }
    expect(asks).toHaveLength(2)
  })

  test('no server does: that is what is said', async () => {
    const run = async () => runningText('server')
    const { watch } = watching({ ocean: { run }, reef: { run }, cove: { run } })
    const status = await watch.look(5000)
    expect(status.findings[0]).toMatchObject({ code: 'api', level: 'failing' })
    expect(status.through).toBeUndefined()
  })
})

test('a lost connection is part of the status, and is opened again', async () => {
  let isLost = true
  const run = async () => {
    if (isLost) throw lost('maia')
    return runningText('agent')
  }
  const { watch, opened, open } = watching({ maia: { run } })
  expect(levels(await watch.look(5000)).maia).toBe('unreachable')
  expect([...open]).not.toContain('maia')
  isLost = false
  expect(levels(await watch.look(5000)).maia).toBe('pending')
  expect(opened.filter((name) => name === 'maia')).toHaveLength(2)
})

test('attack 5: a host that prints something else counts as no answer, and changes nothing else', async () => {
  const { watch } = watching({ maia: { run: async () => `${runningText('agent')}\u0001probe past\n\u001b[2J\tx\n` } })
  const garbled = watching({ maia: { run: async () => 'hello' } })
  expect(levels(await watch.look(5000)).maia).toBe('pending')
  const status = await garbled.watch.look(5000)
  expect(status.hosts[0]).toMatchObject({ host: 'maia', level: 'unreachable', fault: { code: 'facts-garbled' } })
  expect(levels(status)).toMatchObject({ ocean: 'pending', luna: 'pending' })
})

test('attack 5: an agent can’t speak for the cluster', async () => {
  const run = async () => `${runningText('agent')}${look}`
  const mute = async () => runningText('server')
  const { watch } = watching({ maia: { run }, ocean: { run: mute }, reef: { run: mute }, cove: { run: mute } })
  expect((await watch.look(5000)).through).toBeUndefined()
})

test('what hosts may print, and how long they may take, has limits', async () => {
  const run = vi.fn(async (_script: string, _options?: RunOptions) => runningText('agent'))
  const { watch } = watching({ maia: { run } })
  await watch.look(5000)
  expect(run.mock.calls[0]?.[1]).toMatchObject({ timeoutMs: 10_000, totalMs: 20_000, outputBytes: 1 << 20 })
})

test('at its end nothing is under way any more', async () => {
  let ended = false
  const connect = (signal: AbortSignal | undefined) =>
    new Promise<void>((_resolve, reject) => {
      signal?.addEventListener('abort', () => {
        ended = true
        reject(signal.reason)
      })
    })
  const { watch, open } = watching({ maia: { connect } })
  const looking = watch.look(5000)
  await vi.advanceTimersByTimeAsync(5001)
  await looking
  await watch[Symbol.asyncDispose]()
  expect([ended, [...open]]).toEqual([true, []])
})

test('a person who types a password may take longer than a host', async () => {
  const person = new Person()
  const typed = Promise.withResolvers<void>()
  const { watch } = watching({ maia: { connect: () => person.during(() => typed.promise) } }, person)
  const looking = watch.look(5100)
  await vi.advanceTimersByTimeAsync(60_000)
  typed.resolve()
  await vi.advanceTimersByTimeAsync(0)
  expect(levels(await looking).maia).toBe('pending')
})
