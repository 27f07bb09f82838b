import { KeelError } from '../errors.ts'

/**
 * What the system refused on the way into a folder, as an error that a user can act on; all else as it is.
 * @param folder where it was to be written, for an error that names no path
 */
export function notWritten(error: unknown, folder: string): unknown {
  if (!(error instanceof Error && 'syscall' in error && 'code' in error)) return error
  return new KeelError({
    code: 'not-written',
    at: 'path' in error ? `${error.path}` : folder,
    found: `writing failed: ${error.code}; no file was changed`,
    todo: 'see to space, permissions and what stands in the way, then run the command again',
    cause: error,
  })
}
