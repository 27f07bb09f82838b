/** Milliseconds: the first pause after a failure, and the longest. */
interface Bounds {
  readonly shortest: number
  readonly longest: number
}

/**
 * The pause before the next try: twice as long each time, and a fifth more or less, so that not all try at once.
 * @param failures so far, at least 1
 * @param random from 0 to 1
 * @returns milliseconds
 */
export function growingPause({ shortest, longest }: Bounds, failures: number, random = Math.random()): number {
  return Math.min(shortest * 2 ** (failures - 1), longest) * (0.8 + random * 0.4)
}
