/** Bytes: the API server takes 1,024 of an Event (pkg/apis/core/validation, NoteLengthLimit). */
const LONGEST = 1000

/** A text, cut where an Event would be too long. */
export function noteText(text: string): string {
  if (Buffer.byteLength(text) <= LONGEST) return text
  // a character that is cut in two becomes U+FFFD
  return `${Buffer.from(text)
    .subarray(0, LONGEST)
    .toString()
    .replace(/\ufffd$/, '')}…`
}
