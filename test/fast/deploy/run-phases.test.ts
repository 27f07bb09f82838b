import { describe, expect, it } from 'vitest'
import type { Event } from '../../../src/deploy/event.ts'
import { runHostPhases } from '../../../src/deploy/run-phases.ts'
import { ExitCode, KeelError } from '../../../src/errors.ts'
import type { HostName } from '../../../src/model/brands.ts'
import type { HostPlan } from '../../../src/plan/plan.ts'

const host = (name: string, wave: number, changes = true): HostPlan => ({
  host: name as HostName,
  role: wave === 0 ? 'server' : 'agent',
  wave,
  operations: changes ? [{ op: 'reload-systemd' }] : [],
})
const hosts = [host('s1', 0), host('s2', 1), host('a1', 2), host('a2', 2), host('a3', 2)].map((plan) => ({ plan }))
const admit = async () => undefined

async function run(options: {
  readonly failing?: string
  readonly unstageable?: string
  readonly parallel?: number
  readonly abortAt?: string
}) {
  const events: Event[] = []
  const log: string[] = []
  const staged: string[] = []
  const abort = new AbortController()
  const deployment = {
    hosts,
    parallel: options.parallel ?? 10,
    signal: abort.signal,
    emit: (event: Event) => void events.push(event),
  }
  const exit = await runHostPhases(deployment, {
    stage: async ({ plan: { host } }: (typeof hosts)[number]) => {
      staged.push(host)
      await Promise.resolve()
      if (host === options.unstageable)
        throw new KeelError({ code: 'wrong-hash', at: host, found: 'no space', exit: 1 })
      return `${host} is staged`
    },
    admit: async () => {
      expect(staged).toHaveLength(hosts.length)
      expect(log).toEqual([])
    },
    turn: [
      async ({ plan: { host } }, result) => {
        expect(result).toBe(`${host} is staged`)
        log.push(`start ${host}`)
        if (host === options.abortAt) abort.abort(new Error('SIGINT'))
        await Promise.resolve()
      },
      async ({ plan: { host } }) => {
        log.push(`end ${host}`)
        if (host === options.failing) throw new KeelError({ code: 'unhealthy', at: host, found: 'not Ready', exit: 1 })
      },
      async ({ plan: { host } }) => void log.push(`after ${host}`),
    ],
  }).catch((error: unknown) => error)
  const ended = (event: Event['event']) => events.filter((one) => one.event === event).map((one) => one.host)
  const faults = events.flatMap((one) => (one.event === 'failed' ? [one.fault] : []))
  return { exit, log, faults, done: ended('done'), failed: ended('failed'), notSwitched: ended('not-switched') }
}

describe('the order of a deploy', () => {
  it('is server after server, then the agents together', async () => {
    const { exit, log } = await run({})
    expect(exit).toBe(0)
    expect(log.slice(0, 6)).toEqual(['start s1', 'end s1', 'after s1', 'start s2', 'end s2', 'after s2'])
    expect(log.slice(6, 9)).toEqual(['start a1', 'start a2', 'start a3'])
  })
  it('keeps the limit', async () => {
    const { log } = await run({ parallel: 1 })
    expect(log.filter((line) => line.startsWith('start')).length * 3).toBe(log.length)
    expect(log.indexOf('start a2')).toBeGreaterThan(log.indexOf('end a1'))
  })
  it('switches no further host once one has failed, and that one has no further phase', async () => {
    expect(await run({ failing: 's1' })).toMatchObject({
      exit: 1,
      log: ['start s1', 'end s1'],
      failed: ['s1'],
      done: [],
      notSwitched: ['s2', 'a1', 'a2', 'a3'],
    })
  })
  it('lets those that are under way come to their end', async () => {
    const { failed, done, notSwitched } = await run({ failing: 'a1', parallel: 2 })
    expect(failed).toEqual(['a1'])
    expect(done).toEqual(['s1', 's2', 'a2'])
    expect(notSwitched).toEqual(['a3'])
  })
  it('switches nothing when a host could not be staged', async () => {
    const { exit, log, failed, notSwitched } = await run({ unstageable: 'a2' })
    expect({ exit, log, failed, notSwitched }).toEqual({
      exit: 1,
      log: [],
      failed: ['a2'],
      notSwitched: ['s1', 's2', 'a1', 'a3'],
    })
  })
  it('ends with the reason of an interruption, and switches no further host', async () => {
    const { exit, notSwitched } = await run({ abortAt: 's1' })
    expect(exit).toMatchObject({ message: 'SIGINT' })
    expect(notSwitched).toEqual(['s2', 'a1', 'a2', 'a3'])
  })
  it('tells a fault without what an error has besides, because it becomes JSON', async () => {
    const { faults } = await run({ failing: 'a1' })
    expect(faults.map((fault) => Object.keys(fault))).toEqual([['code', 'at', 'found']])
  })

  it('names the host for which others are not switched, whatever failed there; and says of an interrupted one how to go on', async () => {
    const ended = async (stop: (abort: AbortController) => unknown) => {
      const events: Event[] = []
      const abort = new AbortController()
      const fail = () => Promise.reject(stop(abort))
      const deployment = { hosts, parallel: 1, signal: abort.signal, emit: (event: Event) => void events.push(event) }
      await runHostPhases(deployment, { stage: async () => undefined, admit, turn: [fail] }).catch(() => undefined)
      return events
    }
    const failed = await ended(
      () => new KeelError({ code: 'x', at: 'secrets/x.age', found: 'no', exit: ExitCode.Locked }),
    )
    expect(failed.at(-1)).toEqual({ event: 'not-switched', host: 'a3', because: 's1 failed' })
    const interrupted = await ended((abort) => {
      abort.abort(new Error('SIGINT'))
      return abort.signal.reason
    })
    const todo = expect.stringContaining('keel deploy s1')
    expect(interrupted[0]).toMatchObject({ event: 'failed', host: 's1', fault: { code: 'interrupted', todo } })
    expect(interrupted.at(-1)).toEqual({ event: 'not-switched', host: 'a3', because: 'interrupted' })
  })
})
