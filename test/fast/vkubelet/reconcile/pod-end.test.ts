import { describe, expect, test } from 'vitest'
import { reconcile } from '../../../../src/vkubelet/reconcile/reconcile.ts'
import { kinds, stateOf, UNIT } from '../../../support/vkubelet/reconciled.ts'
import { SimulatedHost } from '../../../support/vkubelet/simulated-host.ts'

describe('a Pod', () => {
  test('that does not end by itself is killed when its grace is over', () => {
    const host = new SimulatedHost()
    host.ignoreTerm.add(UNIT)
    host.create('one')
    host.settle()
    host.delete('one', 5)
    host.settle()
    expect(host.running).toEqual([UNIT])
    host.now += 4_999
    expect(kinds(host)).toEqual([])
    host.now += 1
    expect(kinds(host)).toEqual(['signal'])
    host.step()
    expect(stateOf(host, 'one')).toMatchObject({ state: { running: {} } })
    host.settle()
    expect(host.pods.size).toBe(0)
  })

  test.each([
    ['DeadlineExceeded', { spec: { activeDeadlineSeconds: 60 } }, (host: SimulatedHost) => (host.now += 60_000)],
    ['Evicted', {}, (host: SimulatedHost) => host.exceeded.set('one', 'too much')],
  ])('%s fails when all of it has ended', (reason, parts, happens) => {
    const host = new SimulatedHost()
    host.create('one', parts)
    host.settle()
    happens(host)
    const [before] = kinds(host)
    expect(before).toBe('signal')
    host.settle()
    expect(host.statusOf('one')).toMatchObject({ phase: 'Failed', reason })
    expect(host.running).toEqual([])
    // also after the program has begun anew, and after a reboot
    host.exceeded.clear()
    host.restart()
    host.reboot()
    host.now += 3_600_000
    host.settle()
    expect(host.starts).toHaveLength(1)
    expect(host.statusOf('one')).toMatchObject({ phase: 'Failed', reason })
  })

  test('whose time is over is ended by SIGKILL after its grace', () => {
    const host = new SimulatedHost()
    host.ignoreTerm.add(UNIT)
    host.create('one', { spec: { activeDeadlineSeconds: 60, terminationGracePeriodSeconds: 10 } })
    host.settle()
    host.now += 60_000
    host.settle()
    expect(host.running).toEqual([UNIT])
    host.now += 10_000
    host.settle()
    expect(host.statusOf('one')).toMatchObject({ phase: 'Failed' })
  })

  test('whose main process has ended does not keep others', () => {
    const host = new SimulatedHost()
    host.create('one', { spec: { restartPolicy: 'Never' } })
    host.settle()
    host.exit(UNIT, 0)
    Object.assign(host.loaded.get(UNIT) ?? {}, { tasks: 2 })
    expect(reconcile(host.world())).toContainEqual({ kind: 'signal', units: [UNIT], signal: 'SIGKILL' })
  })
})
