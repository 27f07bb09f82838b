import type { RunOptions } from './transport.ts'

/** The limits for one run on a host; the host can't extend them. */
export interface Limits {
  /** Milliseconds without a byte in either direction. */
  readonly silenceMs: number
  /** Milliseconds for all of it. */
  readonly totalMs: number
  /** Bytes on stdout, noise before the script included, and as many on stderr. */
  readonly outputBytes: number
}

/** The facts of a big host take 200 KB, its Node and keel's objects among them. */
const defaults: Limits = { silenceMs: 60_000, totalMs: 180_000, outputBytes: 4 * 1024 * 1024 }

/** Lines that `onLine` is called for: a script that reports what it waits for prints a few dozen. */
export const MOST_LINES = 10_000

export function limitsOf({ timeoutMs, totalMs, outputBytes }: RunOptions): Limits {
  const silenceMs = timeoutMs ?? defaults.silenceMs
  return {
    silenceMs,
    // a script that may be silent for this time may also run for this time
    totalMs: totalMs ?? Math.max(defaults.totalMs, 2 * silenceMs),
    outputBytes: outputBytes ?? defaults.outputBytes,
  }
}
