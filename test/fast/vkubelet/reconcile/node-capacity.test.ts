import { describe, expect, test } from 'vitest'
import { reconcile } from '../../../../src/vkubelet/reconcile/reconcile.ts'
import { shownUnits } from '../../../../src/vkubelet/state/shown-units.ts'
import { shown as shownText } from '../../../support/vkubelet/shown.ts'
import { SimulatedHost } from '../../../support/vkubelet/simulated-host.ts'

describe('more Pods than the Node takes', () => {
  const names = ['a', 'b', 'c', 'd']
  const create = (host: SimulatedHost, from: number, to?: number) => {
    for (const name of names.slice(from, to)) host.create(`uid-${name}`, { metadata: { name } })
  }
  const phasesOf = (host: SimulatedHost) => names.map((name) => host.statusOf(`uid-${name}`).phase)

  test('are turned away, and those that are there stay', () => {
    const host = new SimulatedHost()
    host.mostPods = 2
    create(host, 0, 2)
    host.settle()
    create(host, 2)
    host.settle()
    expect(phasesOf(host)).toEqual(['Running', 'Running', 'Failed', 'Failed'])
    expect(host.statusOf('uid-c')).toMatchObject({
      reason: 'OutOfpods',
      message: 'the Node takes 2 Pods, and has them',
    })
    // also after a new start, and with a smaller number
    host.mostPods = 1
    host.restart()
    host.settle()
    expect(host.running).toHaveLength(2)
  })

  test('of which some have ended leave room', () => {
    const host = new SimulatedHost()
    host.mostPods = 1
    host.create('uid-a', { metadata: { name: 'a' }, spec: { restartPolicy: 'Never' } })
    host.settle()
    host.exit(host.running[0] ?? '', 0)
    host.settle()
    create(host, 1, 2)
    host.settle()
    expect(host.statusOf('uid-b')).toMatchObject({ phase: 'Running' })
  })
})

describe('the limits of all Pods together', () => {
  const together = { milliCores: 3_900, memory: 2 ** 30 }
  const operations = (host: SimulatedHost) => {
    const world = host.world()
    return reconcile({ ...world, host: { ...world.host, together } })
  }
  const systemd = (host: SimulatedHost) => {
    const world = host.world()
    const shown = shownUnits(shownText({ Id: 'vks.slice' })).get('vks.slice') ?? expect.unreachable()
    const units = new Map(world.units).set('vks.slice', { ...world.units.get('vks.slice'), shown })
    return reconcile({ ...world, units, host: { ...world.host, together } }).map(({ kind }) => kind)
  }

  test('are there before the first Pod, come back after a change by hand, and are no leftover', () => {
    const host = new SimulatedHost()
    host.create('one')
    const [first] = operations(host)
    if (first?.kind !== 'write-unit') return expect.unreachable()
    expect(first).toMatchObject({ unit: 'vks.slice' })
    host.files.set(first.unit, first.text)
    expect(operations(host).map(({ kind }) => kind)).not.toContain('reload')
    host.settle()
    expect(systemd(host)).toEqual([])
    host.files.set('vks.slice', '[Slice]\n')
    expect(systemd(host)).toEqual(['write-unit', 'reload'])
  })
})
