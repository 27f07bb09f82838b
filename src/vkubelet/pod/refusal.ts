import { noteText } from './note-text.ts'

/** A part of a Pod that this Node does not run, and why: for the Pod's Event and the waiting message. */
export interface Refusal {
  /** Where in the Pod: `spec.containers[0].securityContext.privileged`. */
  readonly path: string
  readonly why: string
}

/** All in one line, cut where an Event would be too long. */
export function describeRefusals(refusals: readonly Refusal[]): string {
  return noteText(refusals.map(({ path, why }) => `${path}: ${why}`).join('; '))
}
