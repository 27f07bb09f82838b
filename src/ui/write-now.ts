import { writeSync } from 'node:fs'

/**
 * Writes to a standard stream as node's own `write` does for files, pipes and terminals on POSIX, before it returns; but without loading node's streams,
 * which is a tenth of what `keel --version` costs.
 */
export function writeNow(stream: 'stdout' | 'stderr', text: string): void {
  let rest: Uint8Array = Buffer.from(text)
  try {
    while (rest.length > 0) rest = rest.subarray(writeSync(stream === 'stdout' ? 1 : 2, rest))
  } catch (error) {
    // a full pipe that another process, or a stream of node's, has made non-blocking: node's stream knows how to wait
    if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error
    process[stream].write(rest)
  }
}
