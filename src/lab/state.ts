import { join } from 'node:path'
import { checkOwnFolder } from '../artifacts/own-folder.ts'
import { imagesMarkerName } from './root/root-spec.ts'

export const labsVariable = 'KEEL_LAB_STATE'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Where labs are while they run: on a tmpfs, for three reasons. etcd's fsyncs cost nothing there. The upper layer of an
 * overlay can't be on another overlay, and the root of a container is one. When the machine loses power, nothing of a
 * lab remains, neither processes nor state. `KEEL_LAB_STATE` names another folder, for a machine with little memory.
 * Root runs programs from this folder at every boot of a host.
 * @throws KeelError `folder-of-others` (exit 2) if it belongs to another user of this machine, or another user could
 * replace it
 */
export function labsDirectory(env: Environment): string {
  const path = env.KEEL_LAB_STATE || '/dev/shm/keel-lab'
  checkOwnFolder({ path, variable: labsVariable })
  return path
}

/** The paths of one lab. */
export interface LabPaths {
  readonly directory: string
  /** Written last: a lab without it was never complete. */
  readonly description: string
  readonly identity: string
  readonly knownHosts: string
  readonly supervisor: string
  readonly hosts: string
  /** The layer of Flatcar look-alikes above the root of all hosts. */
  readonly flatcar: string
}

export function labPaths(env: Environment, lab: string): LabPaths {
  const directory = join(labsDirectory(env), lab)
  return {
    directory,
    description: join(directory, 'lab.json'),
    identity: join(directory, 'identity'),
    knownHosts: join(directory, 'known_hosts'),
    supervisor: join(directory, 'supervisor.sh'),
    hosts: join(directory, 'hosts'),
    flatcar: join(directory, 'flatcar'),
  }
}

/** The paths of one host. */
export interface HostPaths {
  readonly directory: string
  readonly upper: string
  readonly network: string
  readonly console: string
  /**
   * The supervisor's argv as JSON. So `lab start` boots the host with what `lab up` chose, even if keel has another
   * version now.
   */
  readonly supervisor: string
  readonly disks: string
  /** The host creates this file when its containerd has the images of the lab. */
  readonly imagesMarker: string
}

export function hostPaths(paths: LabPaths, host: string): HostPaths {
  const directory = join(paths.hosts, host)
  return {
    directory,
    upper: join(directory, 'upper'),
    network: join(directory, 'network.sh'),
    console: join(directory, 'console.log'),
    supervisor: join(directory, 'supervisor.json'),
    disks: join(directory, 'disks'),
    imagesMarker: join(directory, 'disks', 'containerd', imagesMarkerName),
  }
}

/**
 * `labLock`: `up` and `down` of one lab have this lock. `subnetLock`: a process has it for a moment while it chooses a
 * subnet. The files are beside the labs, because they must exist after a lab is removed.
 */
export const labLock = (env: Environment, lab: string): string => join(labsDirectory(env), `.${lab}.lock`)
export const subnetLock = (env: Environment): string => join(labsDirectory(env), '.subnet.lock')
