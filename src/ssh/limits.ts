import type { RunOptions } from './transport.ts'

/** The limits for one run on a host; the host can't extend them. */
export interface Limits {
  /** Milliseconds without a byte in either direction. */
  readonly silenceMs: number
  /** Milliseconds for the whole run. */
  readonly totalMs: number
  /** Bytes on stdout, with the noise before the script, and the same number on stderr. */
  readonly outputBytes: number
}

/** The facts of a big host take 200 KB, with its Node and keel's objects. */
const defaults: Limits = { silenceMs: 60_000, totalMs: 180_000, outputBytes: 4 * 1024 * 1024 }

/** The number of lines for which `onLine` is called. A script that reports what it waits for prints a few dozen. */
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
