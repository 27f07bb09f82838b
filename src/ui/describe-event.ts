import type { Event } from '../deploy/event.ts'
import { describeFault } from '../errors.ts'
import { describeObjectOperation } from '../plan/object-operation.ts'
import { describeOperation } from '../plan/operation.ts'

const phases = {
  connect: 'connecting',
  stage: 'sending files',
  activate: 'putting them in place',
  verify: 'waiting until it is healthy',
} as const

/** One event as one line for a person (a fault may take several); `undefined` for what is only worth a terminal's live line. */
export function describeEvent(event: Event): string | undefined {
  switch (event.event) {
    case 'operation':
      return `${event.host}: ${describeOperation(event.operation)}`
    case 'object':
      return `${event.host}: ${describeObjectOperation(event.operation)}`
    case 'note':
      return `note: ${describeFault(event.note)}`
    case 'done':
      return event.changed ? `${event.host}: done in ${event.seconds.toFixed(1)} s` : `${event.host}: nothing changes`
    case 'failed':
      return `${event.host}: failed\n${describeFault(event.fault)}`
    case 'not-switched':
      return `${event.host}: not switched (${event.because})`
    case 'behind':
      return `${event.host}: behind, it did not answer: ${event.fault.found}\n  do:  when it answers, run \`keel deploy ${event.host}\``
    default:
      return undefined
  }
}

/** What a host is doing right now; `undefined` when the event says nothing of that. */
export function currentActivity(event: Event): string | undefined {
  if (event.event === 'phase') return phases[event.phase]
  // what failed, and the journal, stand in the fault that follows
  return event.event === 'progress' && !/^(journal|failed|gone|heard|now): /.test(event.text) ? event.text : undefined
}
