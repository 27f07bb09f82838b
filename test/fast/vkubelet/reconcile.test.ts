import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { reconcile } from '../../../src/vkubelet/reconcile/reconcile.ts'
import type { World } from '../../../src/vkubelet/reconcile/world.ts'
import { shownUnits } from '../../../src/vkubelet/state/shown-units.ts'
import { containerObject } from '../../support/vkubelet/sample-pod.ts'
import { shown as shownText } from '../../support/vkubelet/shown.ts'
import { SimulatedHost } from '../../support/vkubelet/simulated-host.ts'

const UNIT = 'vks.default.uptimed.uptimed.service'
const kinds = (host: SimulatedHost) => reconcile(host.world()).map(({ kind }) => kind)
const usersToAdd = (world: World) => reconcile(world).filter(({ kind }) => kind === 'add-user')
const stateOf = (host: SimulatedHost, uid: string, list = 'containerStatuses', index = 0) =>
  (host.statusOf(uid)[list] as Readonly<Record<string, unknown>>[])[index]

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

  test('whose main process has ended does not keep others', () => {
    const host = new SimulatedHost()
    host.create('one', { spec: { restartPolicy: 'Never' } })
    host.settle()
    host.exit(UNIT, 0)
    Object.assign(host.loaded.get(UNIT) ?? {}, { tasks: 2 })
    expect(reconcile(host.world())).toContainEqual({ kind: 'signal', units: [UNIT], signal: 'SIGKILL' })
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
