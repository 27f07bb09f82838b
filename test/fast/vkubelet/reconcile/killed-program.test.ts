import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { stateOf, UNIT } from '../../../support/vkubelet/reconciled.ts'
import { containerObject } from '../../../support/vkubelet/sample-pod.ts'
import { SimulatedHost } from '../../../support/vkubelet/simulated-host.ts'

describe('a program that is killed', () => {
  /** From nothing to running, to the next run, to nothing. */
  const story = (host: SimulatedHost, step: () => void) => {
    const volumes = [
      { name: 'work', emptyDir: {} },
      { name: 'token', projected: { sources: [] } },
    ]
    const spec = { volumes, containers: [containerObject(), containerObject({ name: 'other' })] }
    host.create('one', { spec })
    step()
    host.settle()
    expect(host.running).toHaveLength(2)
    host.exit(UNIT, 3)
    step()
    host.settle()
    expect(host.running).toHaveLength(2)
    expect(stateOf(host, 'one')).toMatchObject({ restartCount: 1 })
    host.delete('one')
    step()
    host.settle()
    expect([host.pods.size, host.files.size, host.loaded.size, host.folders.size]).toEqual([0, 0, 0, 0])
    expect([host.volumes.size, host.disk.size]).toEqual([0, 0])
    expect(host.starts.map(({ unit, run }) => `${unit.split('.')[3]} ${run}`).toSorted()).toEqual([
      'other 0',
      'uptimed 0',
      'uptimed 1',
    ])
  }

  test('after any operation of any step goes on where it was: no unit twice, nothing left', () => {
    let most = 0
    story(new SimulatedHost(), () => undefined)
    for (let kill = 0; kill <= most; kill++) {
      const host = new SimulatedHost()
      story(host, () => {
        most = Math.max(most, host.step(kill))
      })
    }
    expect(most).toBeGreaterThanOrEqual(7)
  })

  test('whatever happens meanwhile, runs what is wanted and nothing else', () => {
    const uids = ['one', 'two', 'three']
    const event = fc.oneof(
      fc.record({ kind: fc.constantFrom('create', 'delete', 'force'), uid: fc.constantFrom(...uids) }),
      fc.record({ kind: fc.constant('exit'), uid: fc.constantFrom(...uids), status: fc.constantFrom(0, 1) }),
      fc.record({ kind: fc.constantFrom('reboot', 'hand-stop', 'hand-edit', 'wait', 'change') }),
    )
    const script = fc.array(fc.record({ event, kill: fc.nat(9) }), { minLength: 1, maxLength: 14 })
    fc.assert(
      fc.property(script, (events) => {
        const host = new SimulatedHost()
        for (const { event: what, kill } of events) {
          happen(host, what)
          host.step(kill)
          host.step(kill + 1)
        }
        // longer than any pause and any grace
        for (let round = 0; round < 8; round++) {
          host.settle()
          host.now += 301_000
        }
        host.settle()
        const live = [...host.pods.values()].filter(({ metadata }) => metadata.deletionTimestamp === undefined)
        expect(live.length).toBe(host.pods.size)
        expect(host.running).toEqual(host.pods.size === 0 ? [] : [UNIT])
        expect([...host.folders.keys()]).toEqual([...host.pods.keys()])
        expect([...host.disk]).toEqual([...host.pods.keys()])
        expect([...host.volumes]).toEqual([...host.pods.keys()].map((one) => [`${one}/work`, `${host.version}`]))
        expect(host.files.size).toBe(host.pods.size * 2)
      }),
      { numRuns: 300 },
    )
  })

  /** Pods with one name: at most one at a time, as in an API server. */
  function happen(
    host: SimulatedHost,
    { kind, uid = '', status = 0 }: { kind: string; uid?: string; status?: number },
  ) {
    const spec = { volumes: [{ name: 'work', emptyDir: {} }] }
    if (kind === 'create' && host.pods.size === 0) host.create(`${uid}-${host.now}`, { spec })
    if (kind === 'change') host.version += 1
    const [current] = host.pods.keys()
    if (kind === 'delete' && current !== undefined) host.delete(current, 10)
    if (kind === 'force' && current !== undefined) host.pods.delete(current)
    if (kind === 'exit') host.exit(UNIT, status)
    if (kind === 'reboot') host.reboot()
    if (kind === 'hand-stop') host.loaded.delete(UNIT)
    if (kind === 'hand-edit' && host.files.has(UNIT)) host.files.set(UNIT, '[Service]\n')
    if (kind === 'wait') host.now += 15_000
    host.now += 1_000
  }
})
