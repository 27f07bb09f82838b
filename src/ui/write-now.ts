import { writeSync } from 'node:fs'
import { ExitCode, hasCode, KeelError, systemCode } from '../errors.ts'

/**
 * Writes to a standard stream before it returns, as node's own `write` does for files, pipes and terminals on POSIX. It
 * does not load node's streams, which are a tenth of the cost of `keel --version`. It ignores an error on stderr,
 * because there is no other place to report it.
 * @throws KeelError `output` when stdout can't be written to
 */
export function writeNow(stream: 'stdout' | 'stderr', text: string): void {
  let rest: Uint8Array = Buffer.from(text)
  try {
    while (rest.length > 0) rest = rest.subarray(writeSync(stream === 'stdout' ? 1 : 2, rest))
  } catch (error) {
    // the pipe is full, and another process or a stream of node has made it non-blocking: node's stream can wait
    if (hasCode(error, 'EAGAIN')) process[stream].write(rest)
    else if (stream === 'stdout') throw outputFailed(error)
  }
}

/** The disk is full, or the reader has ended (`keel … | head`). In that case keel prints no message (src/cli.ts). */
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
