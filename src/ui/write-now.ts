import { writeSync } from 'node:fs'
import { ExitCode, hasCode, KeelError, systemCode } from '../errors.ts'

/**
 * Writes to a standard stream as node's own `write` does for files, pipes and terminals on POSIX, before it returns;
 * but without loading node's streams, which is a tenth of what `keel --version` costs. What goes wrong on stderr can't
 * be told to anybody.
 * @throws KeelError `output` when stdout can't be written to
 */
export function writeNow(stream: 'stdout' | 'stderr', text: string): void {
  let rest: Uint8Array = Buffer.from(text)
  try {
    while (rest.length > 0) rest = rest.subarray(writeSync(stream === 'stdout' ? 1 : 2, rest))
  } catch (error) {
    // a full pipe that another process, or a stream of node's, has made non-blocking: node's stream knows how to wait
    if (hasCode(error, 'EAGAIN')) process[stream].write(rest)
    else if (stream === 'stdout') throw outputFailed(error)
  }
}

/** A full disk, or a reader that has gone (`keel … | head`): that one is told nothing (src/cli.ts). */
export function outputFailed(cause: unknown): KeelError {
  return new KeelError({
    code: 'output',
    at: 'stdout',
    found: hasCode(cause, 'EPIPE')
      ? 'nothing reads the output any more (EPIPE)'
      : `keel cannot write to it (${systemCode(cause)})`,
    why: 'the output is incomplete',
    ...(hasCode(cause, 'EPIPE') ? { exit: ExitCode.NobodyReads } : {}),
    cause,
  })
}
