import { join } from 'node:path'
import { checkOwnFolder } from '../artifacts/own-folder.ts'
import { imagesMarkerName } from './root/root-spec.ts'

export const labsVariable = 'KEEL_LAB_STATE'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Where labs live while they run: on a tmpfs, because etcd's fsyncs cost nothing there, an overlay's upper layer can't
 * be on another overlay (what a container's root is), and a machine that loses its power keeps nothing of a lab,
 * neither processes nor state. `KEEL_LAB_STATE` names another place, for a machine with little memory. Root runs what
 * is there at every boot of a host.
 * @throws KeelError `folder-of-others` (exit 2) where another user of this machine has it, or could
 */
export function labsDirectory(env: Environment): string {
  const path = env.KEEL_LAB_STATE || '/dev/shm/keel-lab'
  checkOwnFolder({ path, variable: labsVariable })
  return path
}

/** The paths of one lab. */
export interface LabPaths {
  readonly directory: string
  /** Written last: a lab without it never came up. */
  readonly description: string
  readonly identity: string
  readonly knownHosts: string
  readonly supervisor: string
  readonly hosts: string
  /** What Flatcar look-alikes have above the root of all hosts. */
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
   * The supervisor's argv as JSON: `lab start` boots the host with what `lab up` chose, even if keel has another
   * version by then.
   */
  readonly supervisor: string
  readonly disks: string
  /** Made by the host when its containerd has the lab's images. */
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
 * Held by `up` and `down` of one lab, and for moments by anybody who chooses a subnet. Beside the labs, so that they
 * outlive them.
 */
export const labLock = (env: Environment, lab: string): string => join(labsDirectory(env), `.${lab}.lock`)
export const subnetLock = (env: Environment): string => join(labsDirectory(env), '.subnet.lock')
