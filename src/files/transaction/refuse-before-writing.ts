import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { hasCode, KeelError } from '../../errors.ts'
import { sha256 } from '../../model/digest.ts'
import { namesIn } from '../disk.ts'
import { isInventoryPath, readInventoryFile, refuseLinksTo } from '../inventory-file.ts'
import type { FileChange } from './file-change.ts'
import { overtaken } from './overtaken.ts'
import { type Journal, ownerOf, STAGING, type Staged, stagedFile } from './staging.ts'

/**
 * Refuses names outside of the inventory, so that neither a bug in keel nor a name from a commit writes anywhere else.
 */
export function refuseOutside(directory: string, file: string): void {
  if (!isInventoryPath(file)) throw new Error('a change of a file that is not in the inventory')
  refuseLinksTo(directory, file)
}

export async function refuseChanged(directory: string, { file, replaces }: FileChange): Promise<void> {
  const now = readInventoryFile(directory, file)
  if ((now && sha256(now)) !== replaces) {
    throw new KeelError({
      code: 'file-changed',
      at: file,
      found: 'this file was changed while keel was working',
      why: 'the change would be lost; nothing was written',
      todo: 'run the command again',
    })
  }
}

/**
 * Finds what would stop the renames, before the point of no return.
 * @param file one of the files that belong into the folder
 */
export async function refuseUnwritable(directory: string, folder: string, file: string): Promise<void> {
  const nearest = await nearestFolder(folder)
  await access(nearest, constants.W_OK | constants.X_OK)
  if ((await stat(nearest)).dev !== (await stat(join(directory, STAGING))).dev) {
    throw new KeelError({
      code: 'secrets-not-written',
      at: file,
      found: 'its folder is on another file system than secrets/; nothing was changed',
      why: 'keel can replace a file in one step only within one file system',
      todo: 'keep the inventory on one file system',
    })
  }
}

async function nearestFolder(path: string): Promise<string> {
  try {
    await access(path)
    return path
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error
    return nearestFolder(dirname(path))
  }
}

/**
 * The last check before the point of no return: whether another keel has assumed that this one is dead, and has cleaned
 * up.
 */
export async function refuseOvertaken(staged: Staged, entries: Journal): Promise<void> {
  const there = new Set(await namesIn(staged.folder))
  const wanted = [
    ownerOf(staged),
    ...entries.flatMap((entry) => (entry.staged ? [stagedFile(staged, entry.staged.name)] : [])),
  ]
  const missing = wanted.filter((path) => !there.has(basename(path)))
  if (missing.length > 0)
    throw overtaken(STAGING, `${missing.length} of ${wanted.length} staged files are gone; nothing was changed`)
}
