import { expect } from 'vitest'
import { unitName } from '../../../src/vkubelet/names/unit-name.ts'
import type { Health } from '../../../src/vkubelet/probes/run-health.ts'
import type { Operation } from '../../../src/vkubelet/reconcile/operation.ts'
import { reconcile } from '../../../src/vkubelet/reconcile/reconcile.ts'
import { type Prepared, preparationKey, volumeKey, type World } from '../../../src/vkubelet/reconcile/world.ts'
import { readMetadata } from '../../../src/vkubelet/units/metadata.ts'
import type { podObject } from './sample-pod.ts'
import { SimulatedPods } from './simulated-pods.ts'
import { SimulatedSystemd } from './simulated-systemd.ts'

const uidOf = (key: string) => key.slice(0, key.indexOf('/'))

/**
 * A host and its API server in memory, for what real ones can't be made to do thousands of times: to be killed after
 * each operation.
 */
export class SimulatedHost {
  now = Date.parse('2026-11-30T08:00:00Z')
  readonly #api = new SimulatedPods()
  readonly #systemd = new SimulatedSystemd()
  readonly pods = this.#api.objects
  readonly files = this.#systemd.files
  readonly loaded = this.#systemd.loaded
  readonly ignoreTerm = this.#systemd.ignoreTerm
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
  readonly preparations = new Map<string, Prepared>()
  #signalled = new Set<string>()

  create(uid: string, parts: Parameters<typeof podObject>[0] = {}): void {
    this.#api.create(uid, parts)
  }

  delete(uid: string, grace = 30): void {
    this.#api.delete(uid, grace, this.now)
  }

  /** A container ends by itself. */
  exit(unit: string, status: number): void {
    this.#systemd.exit(unit, status, this.now)
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
    const pods = this.#api.read()
    return {
      pods,
      units: this.#systemd.units(),
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
    return this.#systemd.running
  }

  statusOf(uid: string): Record<string, unknown> {
    return this.#api.statusOf(uid)
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
        this.#systemd.remove(operation.unit)
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
        this.#systemd.reload()
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
      case 'report':
        this.#api.report(operation, this.now)
        return
      case 'delete-pod':
        this.#api.remove(operation.pod.uid)
    }
  }

  #run(unit: string): void {
    const text = this.#systemd.run(unit, this.now)
    const { uid, container, run } = readMetadata(unit, text) ?? expect.unreachable(`${unit}: ${text}`)
    expect(this.folders.get(uid)?.has(container), `${unit} has no environment`).toBe(true)
    expect(this.users.has(Number(/^User=(\d+)$/m.exec(text)?.[1] ?? 0)), `${unit} has a user`).toBe(true)
    for (const [volume] of this.#wanted(this.world().pods))
      if (uidOf(volume) === uid) expect([...this.volumes.keys()], `${unit} has no ${volume}`).toContain(volume)
    // systemd makes them (StateDirectory=)
    this.disk.add(uid)
    this.starts.push({ unit, uid, run })
    this.healths.delete(unit)
  }

  #signal(unit: string, signal: 'SIGTERM' | 'SIGKILL'): void {
    const invocation = this.loaded.get(unit)?.invocation
    if (signal === 'SIGTERM' && invocation !== undefined) this.#signalled.add(invocation)
    this.#systemd.signal(unit, signal, this.now)
  }
}
