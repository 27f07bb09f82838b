import { growingPause } from '../growing-pause.ts'

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

/** 5 s, and 15 minutes at most. */
const PAUSES = { shortest: 5 * SECOND, longest: 15 * 60 * SECOND }

/**
 * The pause before the next request of a certificate.
 * @param failures so far, at least 1
 * @param random from 0 to 1
 * @returns milliseconds
 */
export function pauseAfter(failures: number, random: number): number {
  return growingPause(PAUSES, failures, random)
}
