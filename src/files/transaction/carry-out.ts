import { existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { hasCode, KeelError } from '../../errors.ts'
import { sha256 } from '../../model/digest.ts'
import { removeIfEmpty, renameIfThere, syncDirectory } from '../disk.ts'
import { readInventoryFile, refuseLinksTo } from '../inventory-file.ts'
import { overtaken } from './overtaken.ts'
import { clear, type Journal, STAGING, type Staged, stagedFile, stagedPath } from './staging.ts'

/** A staged file is the one that its journal names, or it is already in place. */
export function refuseExchanged(directory: string, staged: Staged, { file, staged: wanted }: Journal[number]): void {
  refuseLinksTo(directory, file)
  if (wanted === undefined) return
  const bytes = readInventoryFile(directory, stagedPath(staged, wanted.name))
  if (bytes === undefined || sha256(bytes) === wanted.sha256) return
  throw new KeelError({
    code: 'secrets-journal',
    at: stagedPath(staged, wanted.name),
    found: 'keel did not write this',
    why: `it would become ${file}`,
    todo: `delete ${STAGING}, then check \`git status\` and \`keel rekey --check\``,
  })
}

/**
 * Does what is not done yet. It can run twice, or in two processes.
 * @returns whether this process removed the journal
 * @throws KeelError `secrets-overtaken` (exit 1) if a file is neither staged nor in place
 */
export async function finish(directory: string, staged: Staged, journal: Journal): Promise<boolean> {
  const folders = new Set(journal.map(({ file }) => dirname(join(directory, file))))
  const lost: string[] = []
  for (const entry of journal) if (!(await carryOut(directory, staged, entry))) lost.push(entry.file)
  for (const folder of folders) await syncIfThere(folder)
  const last = await clear(staged)
  if (lost.length > 0) throw overtaken(lost[0], `${lost.length} of ${journal.length} files were not written`)
  return last
}

/** @returns false if a staged file is gone, and is not in its place either */
async function carryOut(
  directory: string,
  staged: Staged,
  { file, staged: wanted, replaces }: Journal[number],
): Promise<boolean> {
  const path = join(directory, file)
  refuseLinksTo(directory, file)
  if (wanted === undefined) {
    // already removed, and created again by a later process: this process must not remove it
    const now = readInventoryFile(directory, file)
    if (now !== undefined && sha256(now) === replaces) await rm(path, { force: true })
    await removeIfEmpty(dirname(path))
    return true
  }
  const from = stagedFile(staged, wanted.name)
  if (await renameIfThere(from, path)) return true
  // done before, or its folder does not exist yet
  if (existsSync(from)) {
    await mkdir(dirname(path), { recursive: true })
    if (await renameIfThere(from, path)) return true
  }
  const now = readInventoryFile(directory, file)
  return now !== undefined && sha256(now) === wanted.sha256
}

async function syncIfThere(folder: string): Promise<void> {
  try {
    await syncDirectory(folder)
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error
  }
}
