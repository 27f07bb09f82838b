/** Milliseconds: the first pause after a failure, and the longest. */
const SHORTEST = 500
const LONGEST = 30_000

/** Milliseconds to wait after so many failures in a row: longer each time, and not the same for all. */
export function growingPause(failures: number): number {
  return Math.min(SHORTEST * 2 ** (failures - 1), LONGEST) * (0.8 + Math.random() * 0.4)
}
