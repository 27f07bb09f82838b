import { describe, expect, test } from 'vitest'
import { reconcile } from '../../../../src/vkubelet/reconcile/reconcile.ts'
import { kinds, stateOf, UNIT } from '../../../support/vkubelet/reconciled.ts'
import { SimulatedHost } from '../../../support/vkubelet/simulated-host.ts'

describe('a Pod', () => {
  const probed = { container: { livenessProbe: { exec: { command: ['true'] } } } }

  test('is ready when its probes say so', () => {
    const host = new SimulatedHost()
    host.create('one', probed)
    host.settle()
    expect(stateOf(host, 'one')).toMatchObject({ ready: false, started: false, state: { running: {} } })
    host.healths.set(UNIT, { isStarted: true, isReady: false })
    host.settle()
    expect(stateOf(host, 'one')).toMatchObject({ ready: false, started: true })
    host.healths.set(UNIT, { isStarted: true, isReady: true })
    host.settle()
    expect(stateOf(host, 'one')).toMatchObject({ ready: true, started: true })
    expect(host.statusOf('one').conditions).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'True' }))
  })

  test('that is not well ends, and runs again as after a crash', () => {
    const host = new SimulatedHost()
    host.ignoreTerm.add(UNIT)
    host.create('one', probed)
    host.settle()
    host.healths.set(UNIT, { isStarted: true, isReady: false, failed: { why: 'x', since: host.now, grace: 5 } })
    expect(kinds(host)).toContain('signal')
    host.settle()
    expect(host.running).toEqual([UNIT])
    host.now += 5_000
    host.settle()
    expect(host.starts).toHaveLength(2)
    expect(stateOf(host, 'one')).toMatchObject({ restartCount: 1, lastState: { terminated: { exitCode: 137 } } })
  })

  test('gets its hook before SIGTERM, and waits for it no longer than its grace', () => {
    const host = new SimulatedHost()
    const lifecycle = { preStop: { exec: { command: ['true'] } } }
    for (const isDone of [true, false]) {
      host.create('one', { container: { lifecycle } })
      host.settle()
      host.delete('one', 30)
      host.settle()
      expect(host.running).toEqual([UNIT])
      host.now += isDone ? 1_000 : 30_000
      if (isDone) host.healths.set(UNIT, { isStarted: true, isReady: true, preStop: 'done' })
      expect(reconcile(host.world())).toContainEqual({
        kind: 'signal',
        units: [UNIT],
        signal: isDone ? 'SIGTERM' : 'SIGKILL',
      })
      host.settle()
      expect(host.pods.size).toBe(0)
    }
    expect(host.hooks).toEqual([UNIT, UNIT])
  })

  test('gets its hook again when the program was killed meanwhile', () => {
    const host = new SimulatedHost()
    host.create('one', { container: { lifecycle: { preStop: { sleep: { seconds: 5 } } } } })
    host.settle()
    host.delete('one')
    host.settle()
    host.restart()
    host.settle()
    expect(host.hooks).toEqual([UNIT, UNIT])
  })
})
