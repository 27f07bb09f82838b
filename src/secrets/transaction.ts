import { constants } from 'node:fs'
import { access, mkdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { hasCode, KeelError } from '../errors.ts'
import type { Sha256 } from '../model/brands.ts'
import { sha256 } from './digest.ts'
import { readIfThere, removeIfEmpty, renameIfThere, syncDirectory, writeDurably } from './disk.ts'
import { clear, forsaken, type Journal, journalOf, lock, readJournal, STAGING, type Staged, stagedFile } from './staging.ts'

/*
 * Writing several files so that after an interruption at any point there is the old set or the new one.
 *
 * Everything is staged in one folder: new contents first, then the journal, whose rename is the point of no return, then a rename for each file.
 * The next run finds the folder: with a journal it goes on, without one nothing has happened and the folder goes. Whoever goes on may be several:
 * each step is done once, whoever does it. Staged are encrypted files and public ones, never clear text.
 */

export interface FileChange {
  /** Relative to the inventory, with forward slashes. */
  readonly file: string
  /** Undefined: the file goes, and its folder when it was the last in it. */
  readonly contents: Uint8Array | undefined
  /** What the file holds now, as far as the caller knows; undefined: no file. */
  readonly replaces: Sha256 | undefined
}

export type Recovery = 'finished' | 'undone'

/**
 * Replaces all of the files or none.
 * @throws KeelError `secrets-locked` (exit 5) when another keel is writing; `file-changed` (exit 1) when a file is no longer what it was;
 * `secrets-not-written` (exit 1) when the disk refuses.
 */
export async function replaceFiles(directory: string, changes: readonly FileChange[]): Promise<void> {
  if (changes.length === 0) return
  await recover(directory)
  const staged = await refusedByDisk(UNCHANGED, () => lock(directory))
  await refusedByDisk(UNCHANGED, async () => {
    try {
      const journal = await stage(staged, changes)
      for (const change of changes) await refuseChanged(directory, change)
      const folders = new Map(changes.map(({ file }) => [dirname(join(directory, file)), file]))
      for (const [folder, file] of folders) await refuseUnwritable(directory, folder, file)
      const fresh = stagedFile(staged, 'journal-to-be')
      await writeDurably(fresh, Buffer.from(JSON.stringify(journal)))
      await rename(fresh, journalOf(staged))
    } catch (error) {
      // what can't be cleared now, the next run clears; the first error is the one to tell
      await clear(staged).catch(() => undefined)
      throw error
    }
  })
  await refusedByDisk(GOES_ON, async () => {
    await syncDirectory(staged.folder)
    await finish(directory, staged)
  })
}

/**
 * Finishes or undoes what an earlier run was killed in. Several may do so at once.
 * @returns what was done, by this process; undefined when there was nothing to do, or when the one who writes is still alive.
 */
export async function recover(directory: string): Promise<Recovery | undefined> {
  const staged = await refusedByDisk(UNSEEN, () => forsaken(directory))
  if (staged === undefined || staged === 'alive') return undefined
  return refusedByDisk(GOES_ON, async () => {
    if ((await readJournal(staged)) !== undefined) return (await finish(directory, staged)) ? 'finished' : undefined
    const undone = await clear(staged)
    await removeIfEmpty(dirname(staged.folder))
    return undone ? 'undone' : undefined
  })
}

/** What undoes the changes once they are made; read before. */
export async function undoOf(directory: string, changes: readonly FileChange[]): Promise<readonly FileChange[]> {
  return Promise.all(
    changes.map(async ({ file, contents }) => {
      const before = await readIfThere(join(directory, file))
      return { file, contents: before, replaces: contents && sha256(contents) }
    }),
  )
}

async function stage(staged: Staged, changes: readonly FileChange[]): Promise<Journal> {
  const writes = changes
    .entries()
    .flatMap(([index, { contents }]) => (contents === undefined ? [] : [{ name: `${index}`, contents }]))
  for (const batch of batches([...writes])) {
    const written = await Promise.allSettled(batch.map(({ name, contents }) => writeDurably(stagedFile(staged, name), contents)))
    // only now: what follows a failure must not meet a write that is still under way
    for (const one of written) if (one.status === 'rejected') throw one.reason
  }
  return changes.map(({ file, contents, replaces }, index) => ({
    file,
    ...(contents === undefined ? {} : { staged: `${index}` }),
    ...(replaces === undefined ? {} : { replaces }),
  }))
}

/** Written at once: the file system makes files durable together, 32 of them in the time of three. */
function batches<T>(all: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / 32) }, (_, index) => all.slice(index * 32, (index + 1) * 32))
}

/** Does what is not yet done; run twice, or by two, it does the rest. @returns whether this process took the journal away */
async function finish(directory: string, staged: Staged): Promise<boolean> {
  const journal = (await readJournal(staged)) ?? []
  const folders = new Set(journal.map(({ file }) => dirname(join(directory, file))))
  for (const entry of journal) await carryOut(directory, staged, entry)
  for (const folder of folders) await syncIfThere(folder)
  return clear(staged)
}

async function carryOut(directory: string, staged: Staged, { file, staged: name, replaces }: Journal[number]): Promise<void> {
  const path = join(directory, file)
  if (name === undefined) {
    // gone already, and made anew by somebody who came after: not ours to take away
    const now = await readIfThere(path)
    if (now !== undefined && sha256(now) === replaces) await rm(path, { force: true })
    await removeIfEmpty(dirname(path))
    return
  }
  const from = stagedFile(staged, name)
  if (await renameIfThere(from, path)) return
  // done before, or its folder is not there yet
  if ((await readIfThere(from)) === undefined) return
  await mkdir(dirname(path), { recursive: true })
  await renameIfThere(from, path)
}

async function refuseChanged(directory: string, { file, replaces }: FileChange): Promise<void> {
  const now = await readIfThere(join(directory, file))
  if ((now && sha256(now)) !== replaces) {
    throw new KeelError({
      code: 'file-changed',
      at: file,
      found: 'this file was changed while keel was at work',
      why: 'the change would be lost; nothing was written',
      todo: 'run the command again',
    })
  }
}

/** What would stop the renames has to show before the point of no return. @param file one of those that belong into the folder */
async function refuseUnwritable(directory: string, folder: string, file: string): Promise<void> {
  const nearest = await nearestFolder(folder)
  await access(nearest, constants.W_OK | constants.X_OK)
  if ((await stat(nearest)).dev !== (await stat(join(directory, STAGING))).dev) {
    throw new KeelError({
      code: 'secrets-not-written',
      at: file,
      found: 'its folder is on another file system than secrets/; nothing was changed',
      why: 'a file can be put in place in one step within one file system only',
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

const UNCHANGED = (why: string) => `writing failed: ${why}; nothing was changed`
const GOES_ON = (why: string) => `writing failed: ${why}; the next keel command here goes on with it`
const UNSEEN = (why: string) => `keel can't see whether an interrupted change lies there: ${why}`

/** What the system refuses becomes a sentence; anything else stays what it is. */
async function refusedByDisk<T>(found: (why: string) => string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof KeelError || !(error instanceof Error && 'code' in error)) throw error
    throw new KeelError({
      code: 'secrets-not-written',
      at: 'path' in error ? `${error.path}` : dirname(STAGING),
      found: found(sentence(`${error.code}`)),
      todo: 'see to space, permissions and what stands in the way, then run the command again',
      cause: error,
    })
  }
}

const SENTENCES: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'permission denied',
  EISDIR: 'a folder stands where a file belongs',
  ENOTDIR: 'a file stands where a folder belongs',
}

function sentence(code: string): string {
  const known = SENTENCES[code]
  return known === undefined ? code : `${known} (${code})`
}
