import { beforeEach, describe, expect, test } from 'vitest'
import { carryOut, type Failure } from '../../../src/vkubelet/carry-out.ts'
import type { HostOperation } from '../../../src/vkubelet/host/do-on-host.ts'
import { SystemctlError } from '../../../src/vkubelet/host/systemctl.ts'
import { reconcile } from '../../../src/vkubelet/reconcile/reconcile.ts'
import { SimulatedHost } from '../../support/vkubelet/simulated-host.ts'

/** What was begun and what has ended, in order: an operation takes until all that could begin has begun. */
const log: string[] = []
const handed: string[] = []
let open = 0
let mostOpen = 0
beforeEach(() => {
  for (const list of [log, handed]) list.length = 0
  open = 0
  mostOpen = 0
})

const nameOf = (operation: HostOperation) =>
  'pod' in operation
    ? `${operation.kind} ${operation.pod.uid}`
    : 'unit' in operation
      ? `${operation.kind} ${operation.unit.split('.').at(operation.unit.endsWith('.slice') ? 1 : 2)}`
      : operation.kind

/** A host with so many Pods that are to start. */
function hostWith(count: number, parts: Parameters<SimulatedHost['create']>[1] = {}): SimulatedHost {
  const host = new SimulatedHost()
  for (let index = 0; index < count; index++)
    host.create(`p${index}`, { ...parts, metadata: { name: `p${index}`, namespace: `n${index}` } })
  return host
}

function carry(
  host: SimulatedHost,
  fails: (operation: HostOperation) => unknown = () => undefined,
  paused: readonly string[] = [],
): Promise<readonly Failure[]> {
  const operations = reconcile(host.world())
  const owners = new Map(
    [...host.pods.keys()].flatMap((uid) => {
      const number = uid.slice(1)
      const of = `n${number}.p${number}`
      return [`vks.${of}.uptimed.service`, `vks-${of}.slice`].map((unit) => [unit, uid] as const)
    }),
  )
  return carryOut(operations, {
    owners,
    paused: new Map(paused.map((key) => [key, ''])),
    onHost: async (operation) => {
      log.push(`+ ${nameOf(operation)}`)
      open += 1
      mostOpen = Math.max(mostOpen, open)
      await new Promise((resolve) => setImmediate(resolve))
      open -= 1
      const error = fails(operation)
      if (error !== undefined) throw error
      log.push(`- ${nameOf(operation)}`)
      if (operation.kind === 'run') log.push(...operation.units.map((unit) => `started ${unit.split('.')[2]}`))
    },
    handOver: ({ kind }) => handed.push(kind),
  })
}

const volumes = [{ name: 'work', emptyDir: {} }]

describe('a step for many Pods', () => {
  test('writes for several at a time, in the order of each, and starts all of them by one call', async () => {
    expect(await carry(hostWith(100, { spec: { volumes } }))).toEqual([])
    expect(mostOpen).toBe(8)
    for (const uid of ['p0', 'p99'])
      expect(log.filter((line) => line.endsWith(` ${uid}`))).toEqual([
        ...['write-volume', 'write-unit', 'write-environment', 'write-unit'].flatMap((kind) => [
          `+ ${kind} ${uid}`,
          `- ${kind} ${uid}`,
        ]),
        `started ${uid}`,
      ])
    const [run, ...more] = log.flatMap((line, index) => (line === '+ run' ? [index] : []))
    expect(more).toEqual([])
    expect(log.slice(0, run).filter((line) => line.startsWith('- '))).toHaveLength(400)
    expect(log.filter((line) => line.startsWith('started '))).toHaveLength(100)
  })

  test('tells all of them their end by one signal', async () => {
    const host = hostWith(10)
    host.settle()
    for (const uid of host.pods.keys()) host.delete(uid)
    await carry(host)
    expect(log).toEqual(['+ signal', '- signal'])
  })

  test('does not wait for the API server', async () => {
    const host = hostWith(3)
    host.step()
    await carry(host)
    expect([log, handed]).toEqual([[], ['report', 'report', 'report']])
  })
})

describe('a Pod that fails', () => {
  const full = Object.assign(new Error('secret'), { code: 'ENOSPC' })

  test('is alone with it: all others run, and nothing more is done for it in this step', async () => {
    const host = hostWith(10, { spec: { volumes } })
    const failures = await carry(host, (one) =>
      one.kind === 'write-volume' && one.pod.uid === 'p3' ? full : undefined,
    )
    expect(failures).toEqual([{ key: 'p3', what: 'volume work', error: full }])
    expect(log.filter((line) => / p3$/.test(line))).toEqual(['+ write-volume p3'])
    expect(log.filter((line) => line.startsWith('started '))).toHaveLength(9)
  })

  test('is not tried while it waits', async () => {
    await carry(hostWith(3), undefined, ['p1'])
    expect(log.filter((line) => / p1$/.test(line))).toEqual([])
  })

  test('when systemd does not take its unit is the one that systemctl names', async () => {
    const words =
      'Failed to restart vks.n1.p1.uptimed.service: Unit vks.n1.p1.uptimed.service has a bad unit file setting.\nSee system logs.'
    const failures = await carry(hostWith(3), (one) => (one.kind === 'run' ? new SystemctlError(words) : undefined))
    expect(failures).toEqual([
      { key: 'p1', what: 'the start of vks.n1.p1.uptimed.service', error: new SystemctlError(words.split('\n')[0]) },
    ])
  })

  test('before anything is decided does not keep others from their turn', async () => {
    const host = hostWith(3)
    // a line that systemd does not load, and that somebody should have refused
    host.preparations.set('p1/uptimed', {
      kind: 'ready',
      program: [`/bin/${'a'.repeat(1_048_576)}`],
      variables: new Set(),
    })
    const failures = await carry(host)
    expect(failures).toMatchObject([{ key: 'p1' }])
    expect(log.filter((line) => line.startsWith('started '))).toEqual(['started p0', 'started p2'])
  })
})

describe('what is for all Pods', () => {
  test('starts nothing from a file that systemd has not read', async () => {
    const host = hostWith(2)
    host.settle()
    host.exit('vks.n0.p0.uptimed.service', 1)
    const error = new SystemctlError('systemd did not answer within 120 s')
    const failures = await carry(host, ({ kind }) => (kind === 'reload' ? error : undefined))
    expect(failures).toEqual([{ key: 'reload', what: 'systemctl daemon-reload', error }])
    expect(log).not.toContain('+ run')
  })

  test('and of a Pod that is gone fails without an end of the step', async () => {
    const host = hostWith(2)
    host.settle()
    host.pods.delete('p0')
    host.create('p2', { metadata: { name: 'p2', namespace: 'n2' } })
    const failures = await carry(host, ({ kind }) => (kind === 'stop' ? new SystemctlError('no') : undefined))
    expect(failures).toMatchObject([{ key: 'stop' }])
    expect(log).toContain('started p2')
  })
})
