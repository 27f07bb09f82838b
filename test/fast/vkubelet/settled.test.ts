import { describe, expect, test } from 'vitest'
import { settledProcesses } from '../../../src/vkubelet/reconcile/settled.ts'
import { UNIT } from '../../support/vkubelet/reconciled.ts'
import { containerObject } from '../../support/vkubelet/sample-pod.ts'
import { SimulatedHost } from '../../support/vkubelet/simulated-host.ts'

const processes = (host: SimulatedHost) => settledProcesses(host.world())

/** One Pod, that runs. */
function running(parts: Parameters<SimulatedHost['create']>[1] = {}): SimulatedHost {
  const host = new SimulatedHost()
  host.create('one', parts)
  host.settle()
  return host
}

describe('a Node is at rest', () => {
  test('with no Pod, and while all containers of all Pods run', () => {
    expect(processes(new SimulatedHost())).toEqual([])
    const host = running()
    expect(processes(host)).toHaveLength(1)
    host.create('two', {
      metadata: { name: 'two' },
      spec: { containers: [containerObject(), containerObject({ name: 'b' })] },
    })
    host.settle()
    expect(new Set(processes(host)).size).toBe(3)
  })

  test('with a Pod that has ended for good', () => {
    const host = running({ spec: { restartPolicy: 'Never' } })
    host.exit(UNIT, 0)
    expect(processes(host)).toBeUndefined()
    host.settle()
    expect(host.statusOf('one')).toMatchObject({ phase: 'Succeeded' })
    expect(processes(host)).toEqual([])
  })
})

describe('a Node has something to come', () => {
  test.each<[string, () => SimulatedHost]>([
    [
      'before a Pod runs',
      () => {
        const host = new SimulatedHost()
        host.create('one')
        return host
      },
    ],
    [
      'in the pause before a container runs again',
      () => {
        const host = running()
        host.exit(UNIT, 1)
        host.settle()
        host.exit(UNIT, 1)
        host.settle()
        expect(host.running).toEqual([])
        return host
      },
    ],
    [
      'while a Pod ends',
      () => {
        const host = running()
        host.ignoreTerm.add(UNIT)
        host.delete('one')
        host.settle()
        return host
      },
    ],
    [
      'while a unit of no Pod ends',
      () => {
        const host = running()
        host.pods.clear()
        return host
      },
    ],
    ['while a Pod has a deadline', () => running({ spec: { activeDeadlineSeconds: 60 } })],
  ])('%s', (_when, hostOf) => {
    expect(processes(hostOf())).toBeUndefined()
  })
})
