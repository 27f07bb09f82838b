/** When a certificate is valid, in milliseconds. */
interface Validity {
  readonly from: number
  readonly to: number
}

const SECOND = 1000

/**
 * When to renew a certificate: at two thirds of its life, and up to a tenth of it earlier, so that the nodes of a
 * cluster do not all ask at once.
 * @param random from 0 to 1
 * @returns milliseconds
 */
export function renewAt({ from, to }: Validity, random: number): number {
  return from + (to - from) * (2 / 3 - random / 10)
}

const SHORTEST = 5 * SECOND
const LONGEST = 15 * 60 * SECOND

/**
 * The pause before the next try: 5 s, and then twice as long each time, up to 15 minutes; a fifth more or less.
 * @param failures so far, at least 1
 * @param random from 0 to 1
 * @returns milliseconds
 */
export function pauseAfter(failures: number, random: number): number {
  const pause = Math.min(SHORTEST * 2 ** (failures - 1), LONGEST)
  return pause * (0.8 + random * 0.4)
}
