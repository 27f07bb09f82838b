import { KeelError } from '../errors.ts'

/**
 * What the system refused while something was written at a place, as an error that a user can act on; all else as it
 * is.
 */
export function notWritten(error: unknown, at: string): unknown {
  if (!(error instanceof Error && 'syscall' in error && 'code' in error)) return error
  return new KeelError({
    code: 'not-written',
    at,
    found: `writing failed: ${error.code}; no file was changed`,
    todo: 'check free space, permissions and the path, then run the command again',
    cause: error,
  })
}
