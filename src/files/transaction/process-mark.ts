import { readFileSync, readlinkSync } from 'node:fs'
import { hasCode } from '../../errors.ts'
import { sha256 } from '../../model/digest.ts'

/** Where a process runs, because its number is valid only there. Empty if the system does not tell. */
export interface Place {
  readonly machine: string
  readonly boot: string
  /** The namespace of process numbers. A container has its own. */
  readonly namespace: string
}

/** PROC_PID_INIT_INO of Linux (include/linux/proc_ns.h): the namespace of the machine itself, not of a container. */
const OWN_NAMESPACE = 'pid:[4026531836]'

/**
 * What distinguishes a process from a later one with the same number: the boot, and the time at which it started
 * (proc(5), field 22 of stat).
 * @returns undefined if no such process runs; `running` if there is no /proc
 */
export function processMark(pid: number): string | undefined {
  try {
    process.kill(pid, 0)
  } catch (error) {
    // EPERM: it runs as another user
    if (!hasCode(error, 'EPERM')) return undefined
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // the name, field 2, may contain anything, also parentheses
    const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
    return `${bootId()}:${started}`
  } catch {
    return 'running'
  }
}

/** Where this process runs. */
export function thisPlace(): Place {
  return { machine: machineId(), boot: orEmpty(bootId), namespace: orEmpty(() => readlinkSync('/proc/self/ns/pid')) }
}

/**
 * Whether a process from that place can still run. keel can't see processes of another machine or container, so they
 * count as alive. A process of this machine from before the last boot has ended, if neither of the two was in a
 * container.
 */
export function canRun(pid: number, mark: string, there: Place | undefined): boolean {
  if (there === undefined) return processMark(pid) === mark
  const here = thisPlace()
  if (here.boot === there.boot && here.namespace === there.namespace) return processMark(pid) === mark
  const wasBefore = here.machine !== '' && here.machine === there.machine && here.boot !== there.boot
  return !(wasBefore && here.namespace === OWN_NAMESPACE && there.namespace === OWN_NAMESPACE)
}

/**
 * A place in a form for the name of a file: short, and the same for every process that sees the same process numbers.
 */
export function placeTag({ machine, boot, namespace }: Place = thisPlace()): string {
  return sha256(JSON.stringify([machine, boot, namespace])).slice(0, 12)
}

/** machine-id(5); empty if there is none, as in many containers. */
export function machineId(): string {
  return orEmpty(() => readFileSync('/etc/machine-id', 'latin1').trim())
}

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
}

function orEmpty(read: () => string): string {
  try {
    return read()
  } catch {
    return ''
  }
}
