import { describe, expect, test } from 'vitest'
import { kinds, stateOf, UNIT } from '../../../support/vkubelet/reconciled.ts'
import { SimulatedHost } from '../../../support/vkubelet/simulated-host.ts'

describe('a Pod', () => {
  test('waits for its image, and says why', () => {
    const host = new SimulatedHost()
    host.preparations.set('one/uptimed', { kind: 'waiting', reason: 'ErrImagePull', message: 'no such package' })
    host.create('one')
    host.settle()
    expect(host.running).toEqual([])
    expect(stateOf(host, 'one')).toMatchObject({
      state: { waiting: { reason: 'ErrImagePull', message: 'no such package' } },
    })
    host.preparations.clear()
    host.settle()
    expect(host.running).toEqual([UNIT])
  })

  test('that this Node does not run says why, stays Pending, and can be deleted', () => {
    const host = new SimulatedHost()
    host.create('one', { spec: { runtimeClassName: 'x' } })
    host.settle()
    expect(host.statusOf('one')).toMatchObject({
      phase: 'Pending',
      reason: 'NotSupported',
      message: /^spec\.runtimeClassName: /,
    })
    expect(host.files.size).toBe(0)
    host.delete('one')
    host.settle()
    expect(host.pods.size).toBe(0)
  })
})

describe('a Pod that has failed', () => {
  test('says why, is left alone until its next try, and starts then', () => {
    const host = new SimulatedHost()
    host.create('one', { spec: { volumes: [{ name: 'work', emptyDir: {} }] } })
    host.faults.set('one', 'volume work: ENOSPC')
    expect(kinds(host)).toEqual(['report'])
    host.settle()
    expect(stateOf(host, 'one')).toMatchObject({
      state: { waiting: { reason: 'CreateContainerError', message: 'volume work: ENOSPC' } },
    })
    host.faults.clear()
    host.settle()
    expect(host.running).toEqual([UNIT])
  })

  test('ends as every other one', () => {
    const host = new SimulatedHost()
    host.create('one')
    host.settle()
    host.faults.set('one', 'volume work: ENOSPC')
    expect(kinds(host)).toEqual([])
    host.delete('one')
    host.settle()
    expect([host.pods.size, host.files.size]).toEqual([0, 0])
  })
})
