import type { Operation } from './operation.ts'

/** Whether what is read from a path is other than before; another mode or owner leaves that as it is. */
export function isNewContent(changes: readonly Operation[], path: string): boolean {
  return changes.some(
    (change) => change.op === 'write-file' && change.path === path && change.why !== 'mode' && change.why !== 'owner',
  )
}
