import type { Event } from '../deploy/event.ts'

/** What each host does right now, according to the events. */
export class Activities {
  readonly #doing = new Map<string, string>()
  /** Hosts that have received everything and wait for their turn. */
  readonly #idle = new Set<string>()
  /** Hosts that keel switches or watches. The others wait for these. */
  readonly #busy = new Set<string>()

  /** @returns the hosts whose activity has changed, each with its new one */
  update(event: Event): readonly (readonly [host: string, activity: string])[] {
    const before = new Map(this.#all())
    this.#take(event)
    const changed = this.#all().filter(([host, activity]) => before.get(host) !== activity)
    // the host of the event comes first
    const isOwn = (host: string) => 'host' in event && event.host === host
    return changed.toSorted(([a], [b]) => Number(isOwn(b)) - Number(isOwn(a)))
  }

  #take(event: Event): void {
    switch (event.event) {
      case 'phase': {
        const { host, phase } = event
        const waits = phase === 'staged' || (phase === 'stage' && event.sends === false)
        this.#move(waits ? this.#idle : phase === 'activate' || phase === 'verify' ? this.#busy : undefined, host)
        if (phase !== 'staged') this.#doing.set(host, PHASES[phase])
        return
      }
      case 'progress':
        // the fault that follows contains what failed, and the journal
        if (!/^(journal|failed|gone|heard|now|node-address): /.test(event.text)) this.#doing.set(event.host, event.text)
        return
      case 'done':
      case 'failed':
      case 'not-switched':
      case 'behind':
        this.#move(undefined, event.host)
        this.#doing.delete(event.host)
        return
      default:
    }
  }

  #move(to: Set<string> | undefined, host: string): void {
    this.#idle.delete(host)
    this.#busy.delete(host)
    to?.add(host)
  }

  #all(): readonly (readonly [string, string])[] {
    const [first, ...more] = this.#busy
    const turn =
      first === undefined
        ? 'waiting for its turn'
        : `waiting for ${first}${more.length > 0 ? ` and ${more.length} more` : ''}`
    return [...this.#doing].map(([host, activity]) => [host, this.#idle.has(host) ? turn : activity] as const)
  }
}

const PHASES = {
  stage: 'sending files',
  activate: 'putting them in place',
  verify: 'waiting until it is healthy',
} as const
