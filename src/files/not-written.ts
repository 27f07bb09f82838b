import { KeelError } from '../errors.ts'

/** Turns a refusal of the system to write into an error that a user can act on; returns other errors unchanged. */
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
