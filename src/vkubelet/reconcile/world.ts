import type { PodIdentity } from '../pod/pod.ts'
import type { ReadPod } from '../pod/read-pod.ts'
import type { Health } from '../probes/run-health.ts'
import type { Waiting } from '../state/container-status.ts'
import type { ShownUnit } from '../state/shown-units.ts'
import type { HostSettings, Preparation } from '../units/container-unit.ts'

/** Everything that one step of the program decides by. */
export interface World {
  /** The Pods of this Node, as the API server has them. */
  readonly pods: readonly ReadPod[]
  /** Units of Pods by name: what is on the disk, and what systemd has loaded. */
  readonly units: ReadonlyMap<string, SeenUnit>
  /** UIDs of Pods that have a folder: in memory, on the disk, or of systemd's (StateDirectory=). */
  readonly folders: ReadonlySet<string>
  /** What the containers need that may run now; by `preparationKey`. */
  readonly preparations: ReadonlyMap<string, Prepared>
  readonly volumes: Volumes
  readonly users: Users
  /** Of runs, by invocation; one that is not here has nobody who asks it. */
  readonly healths: ReadonlyMap<string, Health>
  /** Pods that use more than they may, by UID, and what. */
  readonly exceeded: ReadonlyMap<string, string>
  /** Invocations that this process has sent a SIGTERM. After a crash it sends another one. */
  readonly signalled: ReadonlySet<string>
  /** Pods that have failed and wait for their next try, by UID, and why. */
  readonly faults: ReadonlyMap<string, string>
  /** By `runKey`: what systemd was told to run a moment ago. It may not have come to it. */
  readonly told: ReadonlySet<string>
  readonly host: HostSettings
  /** Milliseconds. */
  readonly now: number
}

export interface SeenUnit {
  /** Of its file; absent where there is none. */
  readonly text?: string
  /** Absent where systemd has not loaded it. */
  readonly shown?: ShownUnit
}

/** Numbers of users that have an entry in /etc/passwd. */
interface Users {
  readonly known: ReadonlySet<number>
  /** Whose entry was added for Pods. */
  readonly ofPods: ReadonlySet<number>
}

/** Digests of the contents of volumes, by `volumeKey`. */
interface Volumes {
  /** What can be written now. */
  readonly wanted: ReadonlyMap<string, string>
  /** What is on the host. */
  readonly seen: ReadonlyMap<string, string>
}

export type Prepared = ({ readonly kind: 'ready' } & Preparation) | ({ readonly kind: 'waiting' } & Waiting)

export function preparationKey({ uid }: Pick<PodIdentity, 'uid'>, container: string): string {
  return `${uid}/${container}`
}

export function volumeKey({ uid }: Pick<PodIdentity, 'uid'>, volume: string): string {
  return `${uid}/${volume}`
}

/** A unit of a Pod with the invocation that it had when it was told to run: with another one, it has run. */
export function runKey(uid: string, unit: string, units: World['units']): string {
  return `${uid} ${unit} ${units.get(unit)?.shown?.invocation ?? ''}`
}
