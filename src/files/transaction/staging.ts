import { randomBytes } from 'node:crypto'
import { mkdir, rename, rm, stat, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import * as z from 'zod'
import { ExitCode, hasCode, KeelError } from '../../errors.ts'
import type { Sha256 } from '../../model/brands.ts'
import { namesIn, removeIfEmpty, writeDurably } from '../disk.ts'
import { inventoryNames, isInventoryPath, readInventoryFile, refuseLinksTo } from '../inventory-file.ts'
import { parseJson } from '../json.ts'
import { isSealed, sealOf } from './journal-seal.ts'
import { canRun, placeTag, processMark, thisPlace } from './process-mark.ts'

/**
 * The folder in which a change is prepared. It is also the lock. The names of all files in it contain the number of the
 * change. So a process that cleans up after a dead one, late and beside others that do the same, never touches a later
 * change.
 */
export const STAGING = 'secrets/.keel-transaction'

const NUMBER = '[0-9a-f]{16}'
const placeSchema = z.strictObject({ machine: z.string(), boot: z.string(), namespace: z.string() })
/** An earlier version of keel wrote no place. */
const ownerSchema = z.strictObject({ pid: z.int().positive(), mark: z.string(), place: placeSchema.optional() })
const sha256Schema = z.custom<Sha256>((value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value))
const entrySchema = z.strictObject({
  file: z.string().refine(isInventoryPath),
  /** The new contents of the file. Absent: the file is removed. */
  staged: z.strictObject({ name: z.string().regex(/^\d{1,9}$/), sha256: sha256Schema }).optional(),
  replaces: sha256Schema.optional(),
})
const journalSchema = z.strictObject({ entries: z.array(entrySchema), seal: z.string().optional() })
/**
 * What to do once the journal exists: each staged file is moved to its place, and a file without a staged one is
 * removed.
 */
export type Journal = readonly z.infer<typeof entrySchema>[]

/** A change that a process is preparing, or in which it was killed. */
export interface Staged {
  readonly folder: string
  readonly number: string
}

/** A change in the folder. Its process runs, may run (elsewhere), or has ended. */
export interface Found {
  readonly owner: 'alive' | 'elsewhere' | 'gone'
  readonly staged: Staged
}

export const ownerOf = ({ folder, number }: Staged) => join(folder, `${number}.owner`)
export const journalOf = ({ folder, number }: Staged) => join(folder, `${number}.journal`)
export const stagedFile = ({ folder, number }: Staged, name: string) => join(folder, `${number}.${name}`)
/** The same, below the inventory. */
export const stagedPath = ({ number }: Staged, name: string) => `${STAGING}/${number}.${name}`

/**
 * Takes the lock. The folder appears in one step with its owner inside, so no process ever sees it without an owner.
 * @throws KeelError `secrets-locked` (exit 5) if another keel is writing
 */
export async function lock(directory: string): Promise<Staged> {
  refuseLinksTo(directory, `${STAGING}/owner`)
  const folder = join(directory, STAGING)
  const number = randomBytes(8).toString('hex')
  const fresh = `${folder}-${process.pid}-${placeTag()}-${number}`
  try {
    await makeFolder(fresh)
    const owner = JSON.stringify({ pid: process.pid, mark: processMark(process.pid), place: thisPlace() })
    await writeDurably(ownerOf({ folder: fresh, number }), Buffer.from(owner))
    // POSIX: this replaces an empty folder, and fails for any other
    await rename(fresh, folder)
    return { folder, number }
  } catch (cause) {
    await rm(fresh, { recursive: true, force: true })
    if (!hasCode(cause, 'ENOTEMPTY', 'EEXIST')) throw cause
    throw locked(await findStaged(directory), inventoryNames(directory, STAGING) ?? [], cause)
  }
}

function locked(found: Found | undefined, names: readonly string[], cause: unknown): KeelError {
  const fault = { code: 'secrets-locked', at: STAGING, exit: ExitCode.Locked, cause }
  if (found === undefined && names.length > 0)
    return new KeelError({
      ...fault,
      found: 'this folder contains files that are not from keel',
      why: 'keel stages its changes in this folder',
      todo: `delete ${STAGING} (if git tracks it, run \`git rm -r\`)`,
    })
  if (found?.owner !== 'elsewhere')
    return new KeelError({
      ...fault,
      found: 'another keel is writing secrets here',
      todo: 'wait until it is done, then run the command again',
    })
  return new KeelError({
    ...fault,
    found: 'another keel is writing here, on another machine or in another container',
    why: 'keel cannot see whether it still runs',
    todo: `wait until it is done. If it was killed, delete ${STAGING}, then check \`git status\` and \`keel rekey --check\``,
  })
}

/** Not `recursive`: Node would then report ENOENT if the system reports EROFS. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path)
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error
    await mkdir(dirname(path), { recursive: true })
    await mkdir(path)
  }
}

/**
 * The change in the folder, if there is one. Only reads, so that a check works on a read-only file system.
 * @throws KeelError `inventory-file`
 */
export async function findStaged(directory: string): Promise<Found | undefined> {
  const names = inventoryNames(directory, STAGING) ?? []
  const number = names
    .map((name) => new RegExp(`^(${NUMBER})\\.(owner|journal)$`).exec(name)?.[1])
    .find((found) => found !== undefined)
  if (number === undefined) return undefined
  const staged = { folder: join(directory, STAGING), number }
  const owner = readJson(directory, stagedPath(staged, 'owner'), ownerSchema)
  if (owner === undefined || !canRun(owner.pid, owner.mark, owner.place)) return { owner: 'gone', staged }
  return { owner: processMark(owner.pid) === owner.mark ? 'alive' : 'elsewhere', staged }
}

/**
 * Removes what belongs to no process: empty folders, and the files of a process that was killed before it had the lock.
 */
export async function removeDebris(directory: string): Promise<void> {
  const parent = dirname(STAGING)
  const folder = join(directory, parent)
  for (const name of inventoryNames(directory, parent) ?? []) {
    const [, pid, , tag] = new RegExp(`^${basename(STAGING)}-(\\d+)(-([0-9a-f]{12}))?-${NUMBER}$`).exec(name) ?? []
    if (pid === undefined || !(await isForsaken(join(folder, name), Number(pid), tag))) continue
    await rm(join(folder, name), { recursive: true, force: true })
    await removeIfEmpty(folder)
  }
  if (inventoryNames(directory, STAGING)?.length === 0) await removeIfEmpty(join(directory, STAGING))
}

const DAY = 86_400_000

/**
 * A process on another machine or in a container needs only moments for this. Its files are removed when it can no
 * longer be at work.
 */
export async function isForsaken(path: string, pid: number, tag: string | undefined): Promise<boolean> {
  if (tag === undefined || tag === placeTag()) return processMark(pid) === undefined
  const made = await stat(path).catch(() => undefined)
  return made !== undefined && Date.now() - made.mtimeMs > DAY
}

/** @returns the sealed text; only this user on this machine will carry it out later */
export function journalText(directory: string, { number }: Staged, entries: Journal): string {
  return JSON.stringify({ entries, seal: sealOf(directory, [number, entries]) })
}

/** @throws KeelError `secrets-journal` (exit 1) for one that this user has not written on this machine */
export async function readJournal(directory: string, staged: Staged): Promise<Journal | undefined> {
  const at = stagedPath(staged, 'journal')
  const { isTracked } = await import('../git.ts')
  const isCommitted = await isTracked(directory, STAGING)
  const journal = readJson(directory, at, journalSchema)
  if (journal === undefined) return undefined
  if (!isCommitted && isSealed(directory, [staged.number, journal.entries], journal.seal)) return journal.entries
  const found = isCommitted ? 'git brought this here' : 'this was not written by you on this machine'
  const cleared = isCommitted ? `\`git rm -r ${STAGING}\`` : `delete ${STAGING}`
  throw notOurs(at, found, `${cleared}, then check \`git status\` and \`keel rekey --check\``)
}

/**
 * Removes the staged files, then the owner, then the journal. keel still carries out a journal without an owner, and an
 * empty folder does no harm.
 * @returns true for the process that removed the last of it, if several do this at once
 */
export async function clear(staged: Staged): Promise<boolean> {
  const [owner, journal] = [ownerOf(staged), journalOf(staged)]
  const mine = (await namesIn(staged.folder)).filter((name) => name.startsWith(`${staged.number}.`))
  const last = mine.includes(basename(journal)) ? journal : owner
  for (const path of mine.map((name) => join(staged.folder, name)))
    if (path !== owner && path !== journal) await rm(path, { force: true })
  if (last === journal) await rm(owner, { force: true })
  const wasLast = await unlinkIfThere(last)
  await removeIfEmpty(staged.folder)
  return wasLast
}

async function unlinkIfThere(path: string): Promise<boolean> {
  try {
    await unlink(path)
    return true
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false
    throw error
  }
}

function readJson<T>(directory: string, file: string, schema: z.ZodType<T>): T | undefined {
  const text = readInventoryFile(directory, file)
  if (text === undefined) return undefined
  try {
    return schema.parse(parseJson(text.toString()))
  } catch (cause) {
    throw notOurs(
      file,
      'keel did not write this',
      `delete ${STAGING}, then check \`git status\` and \`keel rekey --check\``,
      cause,
    )
  }
}

function notOurs(at: string, found: string, todo: string, cause?: unknown): KeelError {
  const why = 'it lists files that keel would write and delete, and keel follows only its own list'
  return new KeelError({ code: 'secrets-journal', at, found, why, todo, exit: ExitCode.Failed, cause })
}
