import type { FileChange } from '../../files/transaction/file-change.ts'
import type { ClearSecret } from '../seal.ts'

/** New secrets that are not written yet. */
export interface MadeSecrets {
  readonly secrets: readonly ClearSecret[]
  readonly certificates: readonly FileChange[]
}

export const NOTHING_MADE: MadeSecrets = { secrets: [], certificates: [] }
