import { ApiError } from '../agent/kubernetes/api.ts'
import { systemCode } from '../errors.ts'
import { NoRoom } from './host/keep-room.ts'
import { RemovalError } from './host/remove-tree.ts'
import { SystemctlError } from './host/systemctl.ts'
import { UnitFault } from './units/unit-text.ts'

/** Errors whose texts have no value of a secret. */
const KNOWN = [ApiError, NoRoom, RemovalError, SystemctlError, UnitFault]

/**
 * An error in words for the journal and for Events, which everybody in the namespace may read. Of an error that is not
 * known, only its code or its name: nobody knows what is in its text.
 */
export function reasonOf(error: unknown): string {
  if (KNOWN.some((kind) => error instanceof kind)) return (error as Error).message
  const code = systemCode(error)
  return code === 'unknown error' && error instanceof Error ? error.name : code
}
