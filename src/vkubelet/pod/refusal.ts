/** A part of a Pod that this Node does not run, and why: for the Pod's Event and the waiting message. */
export interface Refusal {
  /** Where in the Pod: `spec.containers[0].securityContext.privileged`. */
  readonly path: string
  readonly why: string
}

/** Bytes: the API server takes 1,024 of an Event (pkg/apis/core/validation, NoteLengthLimit). */
const LONGEST = 1000

/** All in one line, cut where an Event would be too long. */
export function describeRefusals(refusals: readonly Refusal[]): string {
  const text = refusals.map(({ path, why }) => `${path}: ${why}`).join('; ')
  if (Buffer.byteLength(text) <= LONGEST) return text
  // a character that is cut in two becomes U+FFFD
  return `${Buffer.from(text)
    .subarray(0, LONGEST)
    .toString()
    .replace(/\ufffd$/, '')}…`
}
