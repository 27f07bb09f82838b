import { describe, expect, test } from 'vitest'
import { reconcile } from '../../../../src/vkubelet/reconcile/reconcile.ts'
import type { World } from '../../../../src/vkubelet/reconcile/world.ts'
import { kinds, UNIT } from '../../../support/vkubelet/reconciled.ts'
import { SimulatedHost } from '../../../support/vkubelet/simulated-host.ts'

const usersToAdd = (world: World) => reconcile(world).filter(({ kind }) => kind === 'add-user')

describe('a Pod', () => {
  test('is started with its files, reported, and then nothing more is done', () => {
    const host = new SimulatedHost()
    host.create('one')
    expect(kinds(host)).toEqual(['write-unit', 'write-environment', 'write-unit', 'run'])
    host.step()
    expect(kinds(host)).toEqual(['report'])
    host.settle()
    expect(host.running).toEqual([UNIT])
    expect([...host.files.keys()].toSorted()).toEqual(['vks-default.uptimed.slice', UNIT])
    expect(host.statusOf('one')).toMatchObject({ phase: 'Running' })
    expect(kinds(host)).toEqual([])
  })

  test('that is deleted gets a signal, its last status, and leaves nothing', () => {
    const host = new SimulatedHost()
    host.create('one')
    host.settle()
    host.delete('one')
    expect(kinds(host)).toEqual(['signal'])
    host.step()
    expect(kinds(host)).toEqual(['report', 'delete-pod'])
    host.step()
    expect(host.pods.size).toBe(0)
    host.settle()
    expect([host.files.size, host.loaded.size, host.folders.size, host.disk.size]).toEqual([0, 0, 0, 0])
  })

  test('has its volumes before it runs, new contents while it runs, and leaves none', () => {
    const host = new SimulatedHost()
    const volumes = [
      { name: 'work', emptyDir: {} },
      { name: 'settings', configMap: { name: 'settings' } },
    ]
    host.create('one', { spec: { volumes } })
    expect(kinds(host).slice(0, 2)).toEqual(['write-volume', 'write-volume'])
    host.settle()
    expect([...host.volumes]).toEqual([
      ['one/work', '1'],
      ['one/settings', '1'],
    ])
    host.version = 2
    expect(kinds(host)).toEqual(['write-volume', 'write-volume'])
    host.settle()
    expect(host.starts).toHaveLength(1)
    host.delete('one')
    host.version = 3
    expect(kinds(host)).toEqual(['signal'])
    host.settle()
    expect([host.volumes.size, host.disk.size]).toEqual([0, 0])
  })

  test('of a user has an entry in passwd before it runs, which goes with the last Pod of that user', () => {
    const host = new SimulatedHost()
    const securityContext = { runAsUser: 4321 }
    host.create('one', { container: { securityContext } })
    host.create('two', { metadata: { name: 'other' }, container: { securityContext } })
    expect(kinds(host).filter((kind) => kind.endsWith('-user'))).toEqual(['add-user', 'add-user'])
    host.settle()
    expect([...host.users]).toEqual([0, 4321])
    host.delete('one')
    host.settle()
    expect([...host.users]).toEqual([0, 4321])
    host.pods.clear()
    host.settle()
    expect([...host.users]).toEqual([0])
  })

  test.each([0, 61_184, 65_519, 33])('of the user %i needs no entry', (runAsUser) => {
    const host = new SimulatedHost()
    host.create('one', { container: { securityContext: { runAsUser } } })
    expect(usersToAdd({ ...host.world(), users: { known: new Set([0, 33]), ofPods: new Set() } })).toEqual([])
  })

  test('that is gone after a reboot leaves nothing on the disk', () => {
    const host = new SimulatedHost()
    host.create('one', { spec: { volumes: [{ name: 'work', emptyDir: {} }] } })
    host.settle()
    host.pods.clear()
    host.reboot()
    expect(kinds(host)).toEqual(['remove-folder'])
    host.settle()
    expect(host.disk.size).toBe(0)
  })

  test('of the same name as one that is gone waits until that has left', () => {
    const host = new SimulatedHost()
    host.create('one')
    host.settle()
    // a forced delete: the object is gone at once
    host.pods.delete('one')
    host.create('two')
    expect(kinds(host)).toEqual(['stop', 'report'])
    host.settle()
    expect(host.running).toEqual([UNIT])
    expect(host.starts.map(({ uid }) => uid)).toEqual(['one', 'two'])
    expect([...host.folders.keys()]).toEqual(['two'])
  })

  test('is reported again when others have changed what this Node had said', () => {
    const host = new SimulatedHost()
    host.create('one')
    host.settle()
    const status = host.statusOf('one')
    status.conditions = (status.conditions as { type: string }[]).map((one) =>
      one.type === 'Ready' ? { ...one, status: 'False' } : one,
    )
    expect(kinds(host)).toEqual(['report'])
    host.settle()
  })
})
