import type { Event } from '../../deploy/event.ts'
import { type HostOutcome, outcomeOf } from '../../deploy/host-outcome.ts'
import { type Fault, plainFault } from '../../errors.ts'
import type { BeginEntry, EndEvent, HostCounts, LogEntry, ScriptEntry } from './lines.ts'

/** How much a run says: `-q`, nothing, `-v`, `-vv`. */
export type Verbosity = 'quiet' | 'normal' | 'scripts' | 'texts'

interface Log {
  add(entry: LogEntry): void
}

/**
 * One run of keel, from its command line to its exit code: how much it says, what has happened, and the log of it. It
 * knows no secret: events and faults have none, and a script is here by its name.
 */
export class RunRecord {
  verbosity: Verbosity = 'normal'
  /** Whether stdout has a JSON line for each event, or for each look of `--watch`, and so `end` as the last one. */
  streams = false
  readonly #began = performance.now()
  readonly #hosts = new Map<string, HostOutcome>()
  #log: Log | undefined
  #hasEnded = false

  /** Everything from now on goes to a log, too. */
  logTo(log: Log, begin: BeginEntry): void {
    this.#log = log
    log.add(begin)
  }

  /** Whether anybody wants to hear of scripts. */
  get followsScripts(): boolean {
    return this.#log !== undefined || this.verbosity === 'scripts' || this.verbosity === 'texts'
  }

  event(event: Event): void {
    const outcome = outcomeOf(event)
    if (outcome !== undefined) this.#hosts.set(event.host, outcome)
    this.#log?.add(event)
  }

  /** Whether a host has got something: one that is done, has failed, or was not switched to what is there. */
  get hasTouchedHosts(): boolean {
    return [...this.#hosts.values()].some((outcome) => outcome !== 'unchanged' && outcome !== 'behind')
  }

  script(entry: ScriptEntry): void {
    this.#log?.add(entry)
  }

  fault(fault: Fault): void {
    this.#log?.add({ event: 'fault', fault: plainFault(fault) })
  }

  /** @returns the last event; undefined if the run has ended before */
  end(exit: number): EndEvent | undefined {
    if (this.#hasEnded) return undefined
    this.#hasEnded = true
    const seconds = Math.round(performance.now() - this.#began) / 1000
    const end: EndEvent = { event: 'end', exit, seconds, hosts: this.#counts() }
    this.#log?.add(end)
    return end
  }

  #counts(): HostCounts {
    const outcomes = [...this.#hosts.values()]
    const count = (wanted: HostOutcome) => outcomes.filter((one) => one === wanted).length
    return {
      changed: count('changed'),
      unchanged: count('unchanged'),
      failed: count('failed'),
      'not-switched': count('not-switched'),
      behind: count('behind'),
    }
  }
}
