import type { Event } from '../../deploy/event.ts'
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
  /** Whether stdout has a JSON line for each event, and so `end` as the last one. */
  streams = false
  readonly #began = performance.now()
  readonly #hosts = new Map<string, keyof HostCounts>()
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
    const way = wayOf(event)
    if (way !== undefined) this.#hosts.set(event.host, way)
    this.#log?.add(event)
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
    const ways = [...this.#hosts.values()]
    const count = (wanted: keyof HostCounts) => ways.filter((way) => way === wanted).length
    return {
      changed: count('changed'),
      unchanged: count('unchanged'),
      failed: count('failed'),
      'not-switched': count('not-switched'),
      behind: count('behind'),
    }
  }
}

function wayOf(event: Event): keyof HostCounts | undefined {
  switch (event.event) {
    case 'done':
      return event.changed ? 'changed' : 'unchanged'
    case 'failed':
    case 'not-switched':
    case 'behind':
      return event.event
    default:
      return undefined
  }
}
