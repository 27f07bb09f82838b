import type { Event } from '../deploy/event.ts'
import { describeFault } from '../errors.ts'
import { describeObjectDone } from '../plan/describe-object-operation.ts'
import { describeDone } from '../plan/describe-operation.ts'

/**
 * One event as one line for a person (a fault may take several lines). `undefined`: the event only changes the live
 * line of a terminal.
 */
export function describeEvent(event: Event): string | undefined {
  switch (event.event) {
    case 'operation':
      return `${event.host}: ${describeDone(event.operation)}`
    case 'object':
      return `${event.host}: ${describeObjectDone(event.operation)}`
    case 'note':
      return `note: ${describeFault(event.note)}`
    case 'k3s':
      return `${event.host}: ${describeK3s(event)}`
    case 'done':
      return event.changed ? `${event.host}: done in ${event.seconds.toFixed(1)} s` : `${event.host}: nothing changed`
    case 'failed':
      return `${event.host}: failed\n${describeFault(event.fault)}`
    case 'not-switched':
      return `${event.host}: not switched (${event.because})`
    case 'behind':
      return `${event.host}: left behind, because keel could not reach it: ${event.fault.found}\n  do:  when it is back, run \`keel deploy ${event.host}\``
    default:
      return undefined
  }
}

function describeK3s({ did, stored }: Extract<Event, { event: 'k3s' }>): string {
  if (did !== 'not-restarted') return `${did} k3s`
  const [first, ...more] = stored
  if (first === undefined) return 'k3s not restarted'
  return more.length === 0
    ? `${first} stored again; same value, k3s not restarted`
    : `${stored.join(', ')} stored again; same values, k3s not restarted`
}
