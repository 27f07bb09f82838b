import { rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { sha256 } from '../../model/digest.ts'
import { removeIfEmpty, syncDirectory, writeDurably } from '../disk.ts'
import { finish, refuseExchanged } from './carry-out.ts'
import type { FileChange } from './file-change.ts'
import { refuseChanged, refuseOutside, refuseOvertaken, refuseUnwritable } from './refuse-before-writing.ts'
import { GOES_ON, refusedByDisk, UNCHANGED, UNSEEN } from './refused-by-disk.ts'
import {
  clear,
  findStaged,
  type Journal,
  journalOf,
  journalText,
  lock,
  readJournal,
  removeDebris,
  type Staged,
  stagedFile,
} from './staging.ts'

/*
 * Writes several files so that an interruption at any point leaves the old set or the new one.
 *
 * Everything is staged in one folder: first the new contents, then the journal. The rename of the journal is the point
 * of no return. Then comes a rename for each file. The next run finds the folder. With a journal it continues; without
 * one nothing has happened, and it removes the folder. Several processes may continue at once: each step is done once,
 * by any of them. The staged files are encrypted or public, never plain text.
 */

export type Recovery = 'finished' | 'undone'

/**
 * Replaces all of the files or none.
 * @throws KeelError `secrets-locked` (exit 5) if another keel is writing; `file-changed` (exit 1) if a file has
 * changed; `secrets-not-written` (exit 1) if the disk refuses; `secrets-overtaken` (exit 1) if another keel has removed
 * the staged files; `inventory-file` (exit 2) if a link would lead out of the inventory
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
      // the next run removes what this one can't remove; the first error is the one to report
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
 * Finishes or undoes the change of an earlier run that was killed. Several processes may do so at once.
 * @returns what this process did; undefined if there was nothing to do, or if the process that writes may still be
 * alive
 * @throws KeelError `secrets-journal` (exit 1) for a journal that this user has not written on this machine, and for
 * files that are not those that it names
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

async function stage(staged: Staged, changes: readonly FileChange[]): Promise<Journal> {
  const writes = changes
    .entries()
    .flatMap(([index, { contents }]) => (contents === undefined ? [] : [{ name: `${index}`, contents }]))
  for (const batch of batches([...writes])) {
    const written = await Promise.allSettled(
      batch.map(({ name, contents }) => writeDurably(stagedFile(staged, name), contents)),
    )
    // only now, because a clean-up must not run beside a write that is still in progress
    for (const one of written) if (one.status === 'rejected') throw one.reason
  }
  return changes.map(({ file, contents, replaces }, index) => ({
    file,
    ...(contents === undefined ? {} : { staged: { name: `${index}`, sha256: sha256(contents) } }),
    ...(replaces === undefined ? {} : { replaces }),
  }))
}

/** Writes all files at once, because the file system makes them durable together: 32 of them in the time of three. */
function batches<T>(all: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / 32) }, (_, index) => all.slice(index * 32, (index + 1) * 32))
}
