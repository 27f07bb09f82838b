import type { Fault } from '../errors.ts'
import type { HostName } from '../model/brands.ts'
import type { Answers } from './checked-answer.ts'

/** A line of `keel node logs` and `keel node events` with `--json`. */
export interface NodeLine {
  readonly host: HostName
  /** As the agent gave it, and the last one with `end`. */
  readonly line: Answers['journal' | 'events']
}

/** What the agent of a host has accepted: it is under way. */
export interface NodeDone {
  readonly host: HostName
  readonly accepted: 'restart' | 'reboot'
  readonly unit?: string
}

/** Why a host's agent gave no more. */
export interface NodeFailure {
  readonly host: HostName
  readonly fault: Fault
}
