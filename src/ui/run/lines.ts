import type { Event } from '../../deploy/event.ts'
import type { Fault } from '../../errors.ts'

/** The time of a line, RFC 3339 in UTC. @pattern ^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$ */
type Time = string

/** What each output of a verb, and each line of a stream, has in front. */
export interface Timed {
  readonly time: Time
}

/** How many hosts ended in which way; the words are those of the events. */
export interface HostCounts {
  readonly changed: number
  readonly unchanged: number
  readonly failed: number
  readonly 'not-switched': number
  readonly behind: number
}

/** The last line of every stream, also after a fault and after Ctrl-C. */
export interface EndEvent {
  readonly event: 'end'
  /** keel's exit code. */
  readonly exit: number
  /** How long keel ran. */
  readonly seconds: number
  readonly hosts: HostCounts
}

/** Why keel did not do what the user asked; with the exit code. */
export interface FaultsLine {
  readonly faults: readonly Fault[]
  /** keel's exit code. */
  readonly exit: number
}

/** A line that `deploy` and `add-node` print with `--json`. */
export type StreamLine = Timed & (Event | EndEvent | FaultsLine)

/** The first entry of a run in a log. `argv`: the command line, without the words of a program on a host. */
export interface BeginEntry {
  readonly event: 'begin'
  readonly keel: string
  readonly node: string
  readonly argv: readonly string[]
}

/** A script that a host has run. It has either its exit status or the code of the fault that ended it. */
export interface ScriptEntry {
  readonly event: 'script'
  readonly host: string
  /** What it does: `facts`, `stage`, `verify`. */
  readonly script: string
  readonly seconds: number
  /** Its exit status. */
  readonly status?: number
  /** The code of the fault, if the host did not run it to its end. */
  readonly fault?: string
}

/** A fault that keel printed. */
interface FaultEntry {
  readonly event: 'fault'
  readonly fault: Fault
}

/** A line of the file that `--log` names. `pid`: of the keel that wrote it, because several may share a file. */
export type LogLine = Timed & { readonly pid: number } & (BeginEntry | Event | ScriptEntry | FaultEntry | EndEvent)

/** What a log gets, without what each line has. */
export type LogEntry = BeginEntry | Event | ScriptEntry | FaultEntry | EndEvent

/** The value with the time of now in front. */
export function timed<Value extends object>(value: Value): Value & Timed {
  return { time: new Date().toISOString(), ...value }
}
