import { ApiError } from '../agent/kubernetes/api.ts'
import { systemCode } from '../errors.ts'
import { SystemctlError } from './host/systemctl.ts'
import { UnitFault } from './units/unit-text.ts'

/**
 * An error in words for the journal and for Events, which everybody in the namespace may read. Of an error that is not
 * known, only its code or its name: nobody knows what is in its text.
 */
export function reasonOf(error: unknown): string {
  if (error instanceof ApiError || error instanceof SystemctlError || error instanceof UnitFault) return error.message
  const code = systemCode(error)
  return code === 'unknown error' && error instanceof Error ? error.name : code
}
