import { describe, expect, test } from 'vitest'
import { kinds, stateOf, UNIT } from '../../../support/vkubelet/reconciled.ts'
import { containerObject } from '../../../support/vkubelet/sample-pod.ts'
import { SimulatedHost } from '../../../support/vkubelet/simulated-host.ts'

describe('a Pod', () => {
  test('that crashes waits longer each time, and says so', () => {
    const host = new SimulatedHost()
    host.create('one')
    const waits: number[] = []
    for (let crash = 0; crash < 4; crash++) {
      host.settle()
      host.now += 1_000
      host.exit(UNIT, 7)
      const end = host.now
      while (kinds(host).every((kind) => kind !== 'run')) {
        host.settle()
        expect(stateOf(host, 'one')).toMatchObject({
          restartCount: crash,
          state: { waiting: { reason: 'CrashLoopBackOff' } },
          lastState: { terminated: { exitCode: 7, reason: 'Error' } },
        })
        host.now += 1_000
      }
      waits.push((host.now - end) / 1000)
    }
    expect(waits).toEqual([0, 10, 20, 40])
    host.settle()
    expect(stateOf(host, 'one')).toMatchObject({ restartCount: 4, state: { running: {} } })
    expect(host.starts.map(({ run }) => run)).toEqual([0, 1, 2, 3, 4])
  })

  test('with init containers runs them one after the other', () => {
    const host = new SimulatedHost()
    const initContainers = [containerObject({ name: 'a' }), containerObject({ name: 'b' })]
    host.create('one', { spec: { initContainers } })
    const unit = (name: string) => `vks.default.uptimed.${name}.service`
    host.settle()
    expect(host.running).toEqual([unit('a')])
    expect(stateOf(host, 'one')).toMatchObject({ state: { waiting: { reason: 'PodInitializing' } } })
    host.exit(unit('a'), 1)
    host.settle()
    expect(host.running).toEqual([unit('a')])
    host.exit(unit('a'), 0)
    host.settle()
    expect(host.running).toEqual([unit('b')])
    host.exit(unit('b'), 0)
    host.settle()
    expect(host.running).toEqual([UNIT])
    expect(host.statusOf('one')).toMatchObject({ phase: 'Running' })
    expect(stateOf(host, 'one', 'initContainerStatuses')).toMatchObject({ ready: true, restartCount: 1 })
  })

  test('of a Job is over when it has ended well, and does not run again', () => {
    const host = new SimulatedHost()
    host.create('one', { spec: { restartPolicy: 'OnFailure' } })
    host.settle()
    host.exit(UNIT, 0)
    host.settle()
    expect(host.statusOf('one')).toMatchObject({ phase: 'Succeeded' })
    host.now += 3_600_000
    host.reboot()
    host.settle()
    expect(host.running).toEqual([])
    expect(host.statusOf('one')).toMatchObject({ phase: 'Succeeded' })
  })

  test('runs again after a reboot, as the next run', () => {
    const host = new SimulatedHost()
    host.create('one')
    host.create('two', { metadata: { name: 'two' }, spec: { restartPolicy: 'Never' } })
    host.settle()
    host.reboot()
    host.settle()
    expect(stateOf(host, 'one')).toMatchObject({
      restartCount: 1,
      state: { running: {} },
      lastState: { terminated: { exitCode: 137, reason: 'ContainerStatusUnknown' } },
    })
    expect(host.statusOf('two')).toMatchObject({ phase: 'Failed' })
  })

  test('whose unit was changed by hand gets it back with its next run', () => {
    const host = new SimulatedHost()
    host.create('one')
    host.settle()
    host.files.set(UNIT, (host.files.get(UNIT) ?? '').replace('Restart=no', 'Restart=always'))
    host.settle()
    host.exit(UNIT, 1)
    host.settle()
    expect(host.files.get(UNIT)).toContain('Restart=no')
    // without its own section nobody knows whose it is
    host.files.set(UNIT, '[Service]\nExecStart=/bin/true\n')
    host.settle()
    expect(host.files.get(UNIT)).toContain('[X-Kubernetes]')
    expect(host.running).toEqual([UNIT])
  })
})

test('a unit that systemd was told to run a moment ago is not told again', () => {
  const host = new SimulatedHost()
  host.create('one')
  host.told.add(`one ${UNIT} `)
  expect(kinds(host)).toEqual(['report'])
  // a later Pod of this name is another one
  host.pods.clear()
  host.create('two')
  expect(kinds(host)).toContain('run')
})
