import type { Sha256 } from '../../model/brands.ts'
import { sha256 } from '../../model/digest.ts'
import { readInventoryFile } from '../inventory-file.ts'

export interface FileChange {
  /** Relative to the inventory, with forward slashes. */
  readonly file: string
  /** Undefined: keel removes the file, and its folder too if it is then empty. */
  readonly contents: Uint8Array | undefined
  /** What the file contains now, as far as the caller knows; undefined: no file. */
  readonly replaces: Sha256 | undefined
}

/** The old contents, read before the change, with which it can be undone. */
export async function undoOf(directory: string, changes: readonly FileChange[]): Promise<readonly FileChange[]> {
  return changes.map(({ file, contents }) => {
    const before = readInventoryFile(directory, file)
    return { file, contents: before, replaces: contents && sha256(contents) }
  })
}
