import type { Operation } from '../operation.ts'

/** Whether a file is written whose content differs, not its mode or owner alone. */
export function isNewContent(changes: readonly Operation[], path: string): boolean {
  return changes.some(
    (change) => change.op === 'write-file' && change.path === path && change.why !== 'mode' && change.why !== 'owner',
  )
}
