import { constants, existsSync } from 'node:fs'
import { access, mkdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { hasCode, KeelError } from '../../errors.ts'
import type { Sha256 } from '../../model/brands.ts'
import { sha256 } from '../../model/digest.ts'
import { namesIn, removeIfEmpty, renameIfThere, syncDirectory, writeDurably } from '../disk.ts'
import { isInventoryPath, readInventoryFile, refuseLinksTo } from '../inventory-file.ts'
import { GOES_ON, refusedByDisk, UNCHANGED, UNSEEN } from './refused-by-disk.ts'
import {
  clear,
  findStaged,
  type Journal,
  journalOf,
  journalText,
  lock,
  ownerOf,
  readJournal,
  removeDebris,
  STAGING,
  type Staged,
  stagedFile,
  stagedPath,
} from './staging.ts'

/*
 * Writing several files so that after an interruption at any point there is the old set or the new one.
 *
 * Everything is staged in one folder: new contents first, then the journal, whose rename is the point of no return,
 * then a rename for each file. The next run finds the folder: with a journal it goes on, without one nothing has
 * happened and the folder goes. Several may go on at once: each step is done once, no matter who does it. Staged are
 * encrypted files and public ones, never clear text.
 */

export interface FileChange {
  /** Relative to the inventory, with forward slashes. */
  readonly file: string
  /** Undefined: the file is removed, and its folder too if it is then empty. */
  readonly contents: Uint8Array | undefined
  /** What the file holds now, as far as the caller knows; undefined: no file. */
  readonly replaces: Sha256 | undefined
}

export type Recovery = 'finished' | 'undone'

/**
 * Replaces all of the files or none.
 * @throws KeelError `secrets-locked` (exit 5) when another keel is writing; `file-changed` (exit 1) when a file is no
 * longer what it was; `secrets-not-written` (exit 1) when the disk refuses; `secrets-overtaken` (exit 1) when another
 * keel has taken away what was staged; `inventory-file` (exit 2) where a link would lead out of the inventory.
 */
export async function replaceFiles(directory: string, changes: readonly FileChange[]): Promise<void> {
  if (changes.length === 0) return
  for (const { file } of changes) refuseOutside(directory, file)
  await recover(directory)
  const staged = await refusedByDisk(UNCHANGED, () => lock(directory))
  const journal = await refusedByDisk(UNCHANGED, async () => {
    try {
      const entries = await stage(staged, changes)
      for (const change of changes) await refuseChanged(directory, change)
      const folders = new Map(changes.map(({ file }) => [dirname(join(directory, file)), file]))
      for (const [folder, file] of folders) await refuseUnwritable(directory, folder, file)
      const fresh = stagedFile(staged, 'journal-to-be')
      await writeDurably(fresh, Buffer.from(journalText(directory, staged, entries)))
      await refuseOvertaken(staged, entries)
      await rename(fresh, journalOf(staged))
      return entries
    } catch (error) {
      // the next run removes what can't be removed now; the first error is the one to report
      await clear(staged).catch(() => undefined)
      throw error
    }
  })
  await refusedByDisk(GOES_ON, async () => {
    await syncDirectory(staged.folder)
    await finish(directory, staged, journal)
  })
}

/**
 * Finishes or undoes the change of an earlier run that was killed. Several may do so at once.
 * @returns what was done, by this process; undefined when there was nothing to do, or if the process that writes may
 * still be alive.
 * @throws KeelError `secrets-journal` (exit 1) for a journal that this user has not written on this machine, and for
 * files that are not what it names
 */
export async function recover(directory: string): Promise<Recovery | undefined> {
  const found = await refusedByDisk(UNSEEN, async () => {
    await removeDebris(directory)
    return findStaged(directory)
  })
  if (found === undefined || found.owner !== 'gone') return undefined
  const { staged } = found
  return refusedByDisk(GOES_ON, async () => {
    const journal = await readJournal(directory, staged)
    if (journal !== undefined) {
      for (const entry of journal) refuseExchanged(directory, staged, entry)
      return (await finish(directory, staged, journal)) ? 'finished' : undefined
    }
    const undone = await clear(staged)
    await removeIfEmpty(dirname(staged.folder))
    return undone ? 'undone' : undefined
  })
}

/** The old contents, read before the change, with which it can be undone. */
export async function undoOf(directory: string, changes: readonly FileChange[]): Promise<readonly FileChange[]> {
  return changes.map(({ file, contents }) => {
    const before = readInventoryFile(directory, file)
    return { file, contents: before, replaces: contents && sha256(contents) }
  })
}

/** Neither a bug in keel nor a name from a commit may write anywhere else. */
function refuseOutside(directory: string, file: string): void {
  if (!isInventoryPath(file)) throw new Error('a change of a file that is not in the inventory')
  refuseLinksTo(directory, file)
}

async function stage(staged: Staged, changes: readonly FileChange[]): Promise<Journal> {
  const writes = changes
    .entries()
    .flatMap(([index, { contents }]) => (contents === undefined ? [] : [{ name: `${index}`, contents }]))
  for (const batch of batches([...writes])) {
    const written = await Promise.allSettled(batch.map(({ name, contents }) => writeDurably(stagedFile(staged, name), contents)))
    // only now, because cleaning up must not run beside a write that is still in progress
    for (const one of written) if (one.status === 'rejected') throw one.reason
  }
  return changes.map(({ file, contents, replaces }, index) => ({
    file,
    ...(contents === undefined ? {} : { staged: { name: `${index}`, sha256: sha256(contents) } }),
    ...(replaces === undefined ? {} : { replaces }),
  }))
}

/** Written at once: the file system makes files durable together, 32 of them in the time of three. */
function batches<T>(all: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / 32) }, (_, index) => all.slice(index * 32, (index + 1) * 32))
}

/** The last check before the point of no return: has another keel assumed that this one is dead, and cleaned up? */
async function refuseOvertaken(staged: Staged, entries: Journal): Promise<void> {
  const there = new Set(await namesIn(staged.folder))
  const wanted = [ownerOf(staged), ...entries.flatMap((entry) => (entry.staged ? [stagedFile(staged, entry.staged.name)] : []))]
  const missing = wanted.filter((path) => !there.has(basename(path)))
  if (missing.length > 0)
    throw overtaken(STAGING, `${missing.length} of ${wanted.length} staged files are gone; nothing was changed`)
}

/** A staged file is what its journal says, or it has been put in place already. */
function refuseExchanged(directory: string, staged: Staged, { file, staged: wanted }: Journal[number]): void {
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
 * Does what is not done yet; it can run twice, or in two processes.
 * @returns whether this process took the journal away
 * @throws KeelError `secrets-overtaken` (exit 1) when a file neither was staged nor is in place
 */
async function finish(directory: string, staged: Staged, journal: Journal): Promise<boolean> {
  const folders = new Set(journal.map(({ file }) => dirname(join(directory, file))))
  const lost: string[] = []
  for (const entry of journal) if (!(await carryOut(directory, staged, entry))) lost.push(entry.file)
  for (const folder of folders) await syncIfThere(folder)
  const last = await clear(staged)
  if (lost.length > 0) throw overtaken(lost[0], `${lost.length} of ${journal.length} files were not written`)
  return last
}

/** @returns false when what was staged is gone, and not where it belongs */
async function carryOut(
  directory: string,
  staged: Staged,
  { file, staged: wanted, replaces }: Journal[number],
): Promise<boolean> {
  const path = join(directory, file)
  refuseLinksTo(directory, file)
  if (wanted === undefined) {
    // already removed, and made again by a later process: not ours to remove
    const now = readInventoryFile(directory, file)
    if (now !== undefined && sha256(now) === replaces) await rm(path, { force: true })
    await removeIfEmpty(dirname(path))
    return true
  }
  const from = stagedFile(staged, wanted.name)
  if (await renameIfThere(from, path)) return true
  // done before, or its folder is not there yet
  if (existsSync(from)) {
    await mkdir(dirname(path), { recursive: true })
    if (await renameIfThere(from, path)) return true
  }
  const now = readInventoryFile(directory, file)
  return now !== undefined && sha256(now) === wanted.sha256
}

function overtaken(at: string | undefined, found: string): KeelError {
  return new KeelError({
    code: 'secrets-overtaken',
    at: at ?? STAGING,
    found,
    why: 'another keel assumed that this one was dead, and removed its staged files',
    todo: 'check `git status`, then run the command again',
  })
}

async function refuseChanged(directory: string, { file, replaces }: FileChange): Promise<void> {
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
 * Finds what would stop the renames before the point of no return.
 * @param file one of those that belong into the folder
 */
async function refuseUnwritable(directory: string, folder: string, file: string): Promise<void> {
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

async function syncIfThere(folder: string): Promise<void> {
  try {
    await syncDirectory(folder)
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error
  }
}
