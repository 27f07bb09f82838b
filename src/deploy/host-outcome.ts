import type { Event } from './event.ts'

/** What became of a host in a deploy, in the words of the events. */
export type HostOutcome = 'changed' | 'unchanged' | 'failed' | 'not-switched' | 'behind'

/** Undefined for an event after which the host's part goes on. */
export function outcomeOf(event: Event): HostOutcome | undefined {
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
