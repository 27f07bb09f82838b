import { expect } from 'vitest'
import { unitName } from '../../../src/vkubelet/names/unit-name.ts'
import { readPod } from '../../../src/vkubelet/pod/read-pod.ts'
import type { Health } from '../../../src/vkubelet/probes/run-health.ts'
import type { Operation } from '../../../src/vkubelet/reconcile/operation.ts'
import { reconcile } from '../../../src/vkubelet/reconcile/reconcile.ts'
import {
  type Prepared,
  preparationKey,
  type SeenUnit,
  volumeKey,
  type World,
} from '../../../src/vkubelet/reconcile/world.ts'
import { shownUnits } from '../../../src/vkubelet/state/shown-units.ts'
import { statusPatch } from '../../../src/vkubelet/state/status-patch.ts'
import { readMetadata } from '../../../src/vkubelet/units/metadata.ts'
import { mergedStatus } from './merged-status.ts'
import { NODE, podObject } from './sample-pod.ts'
import { shown, shownEnded } from './shown.ts'

interface Loaded {
  text: string
  state: 'running' | 'exited' | 'failed'
  readonly invocation: string
  readonly started: number
  code: number
  status: number
  finished: number
  tasks: number
}

interface PodObject {
  readonly metadata: Record<string, unknown> & { readonly uid: string; deletionTimestamp?: string }
  readonly spec: unknown
  status: Record<string, unknown>
}

const stamp = (milliseconds: number) =>
  `Mon ${new Date(milliseconds).toISOString().replace('T', ' ').replace('Z', '000')} UTC`

const uidOf = (key: string) => key.slice(0, key.indexOf('/'))

/**
 * A host and its API server in memory, for what real ones can't be made to do thousands of times: to be killed after
 * each operation. Its systemd has the rules that the reconciler counts on, and fails the test where the reconciler
 * breaks one. Real systemd shows these rules in test/e2e/vkubelet/.
 */
export class SimulatedHost {
  now = Date.parse('2026-11-30T08:00:00Z')
  readonly pods = new Map<string, PodObject>()
  readonly files = new Map<string, string>()
  readonly loaded = new Map<string, Loaded>()
  readonly folders = new Map<string, Set<string>>()
  /** Digests of what is in volumes: in memory, so they go with a reboot. */
  readonly volumes = new Map<string, string>()
  /** Numbers that have an entry in /etc/passwd; root's, and of Pods. */
  readonly users = new Set<number>([0])
  /** UIDs of Pods that have something on the disk. */
  readonly disk = new Set<string>()
  /** What probes and hooks have said, by unit: of its run of this moment. */
  readonly healths = new Map<string, Health>()
  mostPods = 110
  readonly exceeded = new Map<string, string>()
  /** Why a Pod waits for its next try, by UID. */
  readonly faults = new Map<string, string>()
  readonly told = new Set<string>()
  readonly hooks: string[] = []
  /** Of the objects that volumes come from. */
  version = 1
  readonly starts: { readonly unit: string; readonly uid: string; readonly run: number }[] = []
  readonly ignoreTerm = new Set<string>()
  readonly preparations = new Map<string, Prepared>()
  #signalled = new Set<string>()
  #count = 0

  create(uid: string, parts: Parameters<typeof podObject>[0] = {}): void {
    const object = podObject({ ...parts, metadata: { uid, ...parts.metadata } })
    this.pods.set(uid, object as unknown as PodObject)
  }

  delete(uid: string, grace = 30): void {
    const pod = this.pods.get(uid)
    if (pod !== undefined && pod.metadata.deletionTimestamp === undefined)
      pod.metadata.deletionTimestamp = new Date(this.now + grace * 1000).toISOString()
  }

  /** A container ends by itself. */
  exit(unit: string, status: number): void {
    const one = this.loaded.get(unit)
    if (one?.state === 'running') this.#end(one, 1, status)
  }

  reboot(): void {
    for (const memory of [this.files, this.loaded, this.folders, this.volumes]) memory.clear()
    this.#signalled.clear()
    this.now += 60_000
  }

  /** The program is killed and started again: it has forgotten everything. */
  restart(): void {
    this.#signalled.clear()
    for (const [unit, { preStop: _, ...health }] of this.healths) this.healths.set(unit, health)
  }

  world(): World {
    const text = [...this.loaded].map(([unit, one]) => this.#shown(unit, one)).join('\n')
    const systemd = shownUnits(text)
    const units = new Map<string, SeenUnit>()
    for (const unit of new Set([...this.files.keys(), ...systemd.keys()])) {
      const [file, loaded] = [this.files.get(unit), systemd.get(unit)]
      units.set(unit, {
        ...(file === undefined ? {} : { text: file }),
        ...(loaded === undefined ? {} : { shown: loaded }),
      })
    }
    const pods = [...this.pods.values()].map((object) => readPod(JSON.parse(JSON.stringify(object)), NODE))
    return {
      pods,
      units,
      folders: new Set([...this.folders.keys(), ...this.disk, ...[...this.volumes.keys()].map(uidOf)]),
      preparations: this.#prepared(pods),
      volumes: { wanted: this.#wanted(pods), seen: this.volumes },
      healths: new Map(
        [...this.healths].flatMap(([unit, health]) => [[this.loaded.get(unit)?.invocation ?? '', health] as const]),
      ),
      users: { known: this.users, ofPods: new Set([...this.users].filter((user) => user !== 0)) },
      exceeded: this.exceeded,
      signalled: this.#signalled,
      faults: this.faults,
      told: this.told,
      host: { hidden: ['/etc/keel'], mounts: [], mostTasks: 1024, mostPods: this.mostPods },
      now: this.now,
    }
  }

  /** One step. @param most so many operations, then the program is killed @returns how many there were */
  step(most = Number.POSITIVE_INFINITY): number {
    const operations = reconcile(this.world())
    for (const operation of operations.slice(0, most)) this.#do(operation)
    if (most < operations.length) this.restart()
    return operations.length
  }

  /** Until nothing is to be done. */
  settle(): void {
    for (let round = 0; this.step() > 0; round++)
      if (round > 30) expect.unreachable(JSON.stringify(reconcile(this.world())))
  }

  get running(): readonly string[] {
    return [...this.loaded]
      .filter(([, { state }]) => state === 'running')
      .map(([unit]) => unit)
      .toSorted()
  }

  statusOf(uid: string): Record<string, unknown> {
    return this.pods.get(uid)?.status ?? expect.unreachable(`no Pod ${uid}`)
  }

  #prepared(pods: World['pods']): World['preparations'] {
    const ready: Prepared = { kind: 'ready', program: ['/usr/sbin/uptimed'], variables: new Set() }
    const keys = pods.flatMap((read) =>
      read.kind === 'pod'
        ? [...read.pod.initContainers, ...read.pod.containers].map(({ name }) => preparationKey(read.pod, name))
        : [],
    )
    return new Map(keys.map((key) => [key, this.preparations.get(key) ?? ready]))
  }

  #wanted(pods: World['pods']): ReadonlyMap<string, string> {
    const keys = pods.flatMap((read) =>
      read.kind === 'pod' ? read.pod.volumes.map(({ name }) => volumeKey(read.pod, name)) : [],
    )
    return new Map(keys.map((key) => [key, `${this.version}`]))
  }

  #shown(unit: string, one: Loaded): string {
    const common = {
      Id: unit,
      InvocationID: one.invocation,
      ExecMainStartTimestamp: stamp(one.started),
      NeedDaemonReload: this.files.has(unit) && this.files.get(unit) !== one.text ? 'yes' : 'no',
      TasksCurrent: `${one.tasks}`,
    }
    if (one.state === 'running') return shown({ ...common, MainPID: `${1000 + Number.parseInt(one.invocation, 16)}` })
    const isGood = one.state === 'exited'
    return shownEnded(one.code, one.status, {
      ...common,
      ActiveState: isGood ? 'active' : 'failed',
      SubState: isGood ? 'exited' : 'failed',
      ExecMainExitTimestamp: stamp(one.finished),
    })
  }

  #do(operation: Operation): void {
    switch (operation.kind) {
      case 'write-environment': {
        const containers = this.folders.get(operation.pod.uid) ?? new Set()
        this.folders.set(operation.pod.uid, containers.add(operation.container))
        return
      }
      case 'pre-stop': {
        const unit = unitName({ namespace: 'default', pod: operation.pod.name, container: operation.container })
        this.hooks.push(unit)
        const health = this.healths.get(unit) ?? { isStarted: true, isReady: true }
        this.healths.set(unit, { ...health, preStop: 'runs' })
        return
      }
      case 'write-volume':
        this.volumes.set(volumeKey(operation.pod, operation.volume), `${this.version}`)
        this.disk.add(operation.pod.uid)
        return
      case 'write-unit':
        this.files.set(operation.unit, operation.text)
        return
      case 'remove-unit':
        expect(this.loaded.get(operation.unit)?.state ?? 'gone', 'removes a unit that runs').not.toBe('running')
        this.files.delete(operation.unit)
        return
      case 'remove-folder':
        expect(
          [...this.loaded.values()].filter(
            ({ text, state }) => state === 'running' && text.includes(`UID=${operation.uid}\n`),
          ),
        ).toEqual([])
        this.folders.delete(operation.uid)
        this.disk.delete(operation.uid)
        for (const key of this.volumes.keys()) if (uidOf(key) === operation.uid) this.volumes.delete(key)
        return
      case 'add-user':
        this.users.add(operation.user)
        return
      case 'remove-user':
        expect(
          [...this.loaded.values()].filter(({ text }) => text.includes(`User=${operation.user}\n`)),
          'removes a user that has a unit',
        ).toEqual([])
        this.users.delete(operation.user)
        return
      case 'fail':
        throw operation.error
      case 'reload':
        for (const [unit, one] of this.loaded) one.text = this.files.get(unit) ?? one.text
        return
      case 'run':
        for (const unit of operation.units) this.#run(unit)
        return
      case 'stop':
        for (const unit of operation.units) this.loaded.delete(unit)
        return
      case 'signal':
        for (const unit of operation.units) this.#signal(unit, operation.signal)
        return
      case 'report': {
        const pod = this.pods.get(operation.pod.uid)
        if (pod !== undefined) this.#report(pod, operation)
        return
      }
      case 'delete-pod':
        if (this.pods.get(operation.pod.uid)?.metadata.deletionTimestamp !== undefined)
          this.pods.delete(operation.pod.uid)
    }
  }

  #run(unit: string): void {
    const before = this.loaded.get(unit)
    expect(before?.state ?? 'gone', `${unit} is started while it runs`).not.toBe('running')
    const text = before?.text ?? this.files.get(unit) ?? expect.unreachable(`no file of ${unit}`)
    const { uid, container, run } = readMetadata(unit, text) ?? expect.unreachable(`${unit}: ${text}`)
    expect(this.folders.get(uid)?.has(container), `${unit} has no environment`).toBe(true)
    expect(this.files.get(unit), `${unit} is started as it was before`).toBe(text)
    expect(this.users.has(Number(/^User=(\d+)$/m.exec(text)?.[1] ?? 0)), `${unit} has a user`).toBe(true)
    for (const [volume] of this.#wanted(this.world().pods))
      if (uidOf(volume) === uid) expect([...this.volumes.keys()], `${unit} has no ${volume}`).toContain(volume)
    // systemd makes them (StateDirectory=)
    this.disk.add(uid)
    this.starts.push({ unit, uid, run })
    this.healths.delete(unit)
    this.#count += 1
    const invocation = this.#count.toString(16).padStart(32, '0')
    const times = { started: this.now, finished: 0, code: 0, status: 0 }
    this.loaded.set(unit, { text, state: 'running', invocation, tasks: 1, ...times })
  }

  #signal(unit: string, signal: 'SIGTERM' | 'SIGKILL'): void {
    const one = this.loaded.get(unit)
    if (one === undefined) return
    if (signal === 'SIGKILL') {
      one.tasks = 0
      if (one.state === 'running') this.#end(one, 2, 9)
      return
    }
    this.#signalled.add(one.invocation)
    // for systemd this is a clean end
    if (!this.ignoreTerm.has(unit)) this.#end(one, 2, 15, true)
  }

  #end(one: Loaded, code: number, status: number, isGood = code === 1 && status === 0): void {
    Object.assign(one, { state: isGood ? 'exited' : 'failed', code, status, finished: this.now, tasks: 0 })
  }

  #report(pod: PodObject, { pod: asked, status }: Operation & { kind: 'report' }): void {
    const read = readPod(JSON.parse(JSON.stringify(pod)), NODE)
    const patch = statusPatch({
      pod: read.kind === 'pod' ? read.pod : asked,
      status,
      addresses: ['10.0.0.1'],
      now: this.now,
    })
    const { phase } = pod.status
    if (phase === 'Succeeded' || phase === 'Failed') expect(status.phase, 'a final phase changes').toBe(phase)
    pod.status = mergedStatus(pod.status, patch)
  }
}
