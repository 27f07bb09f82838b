import { mkdir, open, readdir, readFile, rename, rm, rmdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import * as z from 'zod'
import { ExitCode, KeelError } from '../errors.ts'
import type { Sha256 } from '../model/brands.ts'
import { sha256 } from './digest.ts'
import { processMark } from './process-mark.ts'

/**
 * Writing several files so that after an interruption at any point there is the old set or the new one.
 *
 * Everything is staged in one folder, which is also the lock: new contents first, then the journal, whose rename is the point of no return, then
 * a rename for each file. The next run finds the folder: with a journal it goes on, without one nothing has happened and the folder goes.
 * Staged are encrypted files and public ones, never clear text.
 */
const STAGING = 'secrets/.keel-transaction'
const OWNER = 'owner.json'
const JOURNAL = 'journal.json'

export interface FileChange {
  /** Relative to the inventory, with forward slashes. */
  readonly file: string
  readonly contents: Uint8Array
  /** What the file holds now, as far as the caller knows; undefined: no file. */
  readonly replaces: Sha256 | undefined
}

export type Recovery = 'finished' | 'undone'

const ownerSchema = z.strictObject({ pid: z.int(), mark: z.string() })
const journalSchema = z.array(z.strictObject({ file: z.string(), staged: z.string(), sha256: z.string() }))
type Journal = z.infer<typeof journalSchema>

/**
 * Replaces all of the files or none.
 * @throws KeelError `secrets-locked` (exit 5) when another keel is writing; `file-changed` (exit 1) when a file is no longer what it was;
 * `secrets-not-written` (exit 1) when the disk refuses.
 */
export async function replaceFiles(directory: string, changes: readonly FileChange[]): Promise<void> {
  if (changes.length === 0) return
  await recover(directory)
  const staging = await lock(directory)
  try {
    const journal = await stage(staging, changes)
    await refuseChanged(directory, changes)
    await writeDurably(join(staging, `${JOURNAL}.new`), Buffer.from(JSON.stringify(journal)))
    await rename(join(staging, `${JOURNAL}.new`), join(staging, JOURNAL))
  } catch (error) {
    // what can't be cleared now, the next run clears; the first error is the one to tell
    await clear(staging).catch(() => undefined)
    throw notWritten(error, 'nothing was changed')
  }
  try {
    await syncDirectory(staging)
    await finish(directory)
  } catch (error) {
    throw notWritten(error, 'the next keel command here goes on with it')
  }
}

/**
 * Finishes or undoes what an earlier run was killed in.
 * @returns what was done; undefined when there was nothing to do, or when the one who writes is still alive.
 */
export async function recover(directory: string): Promise<Recovery | undefined> {
  await removeForsakenLocks(directory)
  const staging = join(directory, STAGING)
  const owner = await readJson(join(staging, OWNER), ownerSchema)
  if (owner !== undefined && processMark(owner.pid) === owner.mark) return undefined
  if ((await readIfThere(join(staging, JOURNAL))) !== undefined) {
    await finish(directory)
    return 'finished'
  }
  if (owner === undefined) {
    await removeIfEmpty(staging)
    return undefined
  }
  await clear(staging)
  return 'undone'
}

/** The folder appears with its owner inside, in one step: nobody ever sees it without. */
async function lock(directory: string): Promise<string> {
  const staging = join(directory, STAGING)
  const fresh = `${staging}-${process.pid}`
  try {
    await mkdir(fresh, { recursive: true })
    await writeDurably(join(fresh, OWNER), Buffer.from(JSON.stringify({ pid: process.pid, mark: processMark(process.pid) })))
    // POSIX: replaces an empty folder, and fails on any other
    await rename(fresh, staging)
    return staging
  } catch (cause) {
    await rm(fresh, { recursive: true, force: true })
    if (!hasCode(cause, 'ENOTEMPTY', 'EEXIST')) throw notWritten(cause, 'nothing was changed')
    throw new KeelError({
      code: 'secrets-locked',
      at: STAGING,
      found: 'another keel is writing secrets here',
      todo: 'wait until it is done, then run this again',
      exit: ExitCode.Locked,
      cause,
    })
  }
}

/** What a process left that was killed before it had the lock. */
async function removeForsakenLocks(directory: string): Promise<void> {
  const folder = dirname(join(directory, STAGING))
  for (const name of await namesIn(folder)) {
    const pid = new RegExp(`^${basename(STAGING)}-(\\d+)$`).exec(name)?.[1]
    if (pid !== undefined && processMark(Number(pid)) === undefined)
      await rm(join(folder, name), { recursive: true, force: true })
  }
}

/** Owner and journal go last, in this order: a journal without an owner is still carried out, and an empty folder is in nobody's way. */
async function clear(staging: string): Promise<void> {
  const names = await namesIn(staging)
  for (const name of names.filter((each) => each !== OWNER && each !== JOURNAL)) await rm(join(staging, name), { force: true })
  for (const name of [OWNER, JOURNAL]) await rm(join(staging, name), { force: true })
  await removeIfEmpty(staging)
}

/** Not recursive: by now it may be somebody else's, who has just taken the lock. */
async function removeIfEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder)
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'ENOTEMPTY', 'EEXIST')) throw error
  }
}

async function stage(staging: string, changes: readonly FileChange[]): Promise<Journal> {
  const journal: Journal = []
  for (const [index, { file, contents }] of changes.entries()) {
    await writeDurably(join(staging, `${index}`), contents)
    journal.push({ file, staged: `${index}`, sha256: sha256(contents) })
  }
  return journal
}

/** Renames what is not yet in its place. Run twice it does the rest. */
async function finish(directory: string): Promise<void> {
  const staging = join(directory, STAGING)
  const journal = (await readJson(join(staging, JOURNAL), journalSchema)) ?? []
  const folders = new Set(journal.map(({ file }) => dirname(join(directory, file))))
  for (const folder of folders) await mkdir(folder, { recursive: true })
  for (const { file, staged } of journal) await renameUnlessDone(join(staging, staged), join(directory, file))
  for (const folder of folders) await syncDirectory(folder)
  await clear(staging)
}

async function renameUnlessDone(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error
  }
}

async function refuseChanged(directory: string, changes: readonly FileChange[]): Promise<void> {
  for (const { file, replaces } of changes) {
    const now = await readIfThere(join(directory, file))
    if ((now && sha256(now)) === replaces) continue
    throw new KeelError({
      code: 'file-changed',
      at: file,
      found: 'this file was changed while keel was at work',
      why: 'the change would be lost; nothing was written',
      todo: 'run the command again',
    })
  }
}

async function writeDurably(path: string, contents: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o644)
  try {
    await file.writeFile(contents)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function syncDirectory(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const text = await readIfThere(path)
  return text && schema.parse(JSON.parse(text.toString()))
}

/** A file's bytes, or undefined when there is no such file. */
export async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return []
    throw error
  }
}

/** What the system refused becomes a sentence; anything else stays what it is. */
function notWritten(error: unknown, consequence: string): unknown {
  if (error instanceof KeelError || !(error instanceof Error && 'code' in error)) return error
  return new KeelError({
    code: 'secrets-not-written',
    at: dirname(STAGING),
    found: `writing failed: ${error.code}; ${consequence}`,
    todo: 'see to space and permissions, then run the command again',
    cause: error,
  })
}

function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(`${error.code}`)
}
