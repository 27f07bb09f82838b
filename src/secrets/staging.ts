import { randomBytes } from 'node:crypto'
import { mkdir, rename, rm, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import * as z from 'zod'
import { ExitCode, hasCode, KeelError } from '../errors.ts'
import { namesIfThere, namesIn, readIfThere, removeIfEmpty, writeDurably } from './disk.ts'
import { processMark } from './process-mark.ts'

/**
 * The folder in which a change is prepared, which is also the lock. All that is in it has the change's own number in its name, so that whoever
 * clears up after a dead process, late and beside others who do the same, never touches the change of one who came after.
 */
export const STAGING = 'secrets/.keel-transaction'

const NUMBER = '[0-9a-f]{16}'
const ownerSchema = z.strictObject({ pid: z.int(), mark: z.string() })
const journalSchema = z.array(
  z.strictObject({ file: z.string(), staged: z.string().optional(), replaces: z.string().optional() }),
)
/** What to do once it is there: each staged file goes to its place; a file without a staged one goes away. */
export type Journal = z.infer<typeof journalSchema>

/** A change that somebody prepares or was killed in. */
export interface Staged {
  readonly folder: string
  readonly number: string
}

export const ownerOf = ({ folder, number }: Staged) => join(folder, `${number}.owner`)
export const journalOf = ({ folder, number }: Staged) => join(folder, `${number}.journal`)
export const stagedFile = ({ folder, number }: Staged, name: string) => join(folder, `${number}.${name}`)

/**
 * Takes the lock. The folder appears with its owner inside, in one step: nobody ever sees it without.
 * @throws KeelError `secrets-locked` (exit 5) when another keel is writing
 */
export async function lock(directory: string): Promise<Staged> {
  const folder = join(directory, STAGING)
  const number = randomBytes(8).toString('hex')
  const fresh = `${folder}-${process.pid}-${number}`
  try {
    await makeFolder(fresh)
    const owner = JSON.stringify({ pid: process.pid, mark: processMark(process.pid) })
    await writeDurably(ownerOf({ folder: fresh, number }), Buffer.from(owner))
    // POSIX: replaces an empty folder, and fails on any other
    await rename(fresh, folder)
    return { folder, number }
  } catch (cause) {
    await rm(fresh, { recursive: true, force: true })
    if (!hasCode(cause, 'ENOTEMPTY', 'EEXIST')) throw cause
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

/** Not `recursive`: with it Node says ENOENT where the system said EROFS. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path)
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error
    await mkdir(dirname(path), { recursive: true })
    await mkdir(path)
  }
}

/** The change that lies there, if its owner is no more; `alive` when he is at work. */
export async function forsaken(directory: string): Promise<Staged | 'alive' | undefined> {
  await removeForsakenLocks(directory)
  const folder = join(directory, STAGING)
  const names = await namesIfThere(folder)
  // a check must do on a file system that can only be read
  if (names === undefined) return undefined
  const number = names
    .map((name) => new RegExp(`^(${NUMBER})\\.(owner|journal)$`).exec(name)?.[1])
    .find((found) => found !== undefined)
  if (number === undefined) {
    if (names.length === 0) await removeIfEmpty(folder)
    return undefined
  }
  const staged = { folder, number }
  const owner = await readJson(ownerOf(staged), ownerSchema)
  return owner !== undefined && processMark(owner.pid) === owner.mark ? 'alive' : staged
}

export async function readJournal(staged: Staged): Promise<Journal | undefined> {
  return readJson(journalOf(staged), journalSchema)
}

/**
 * Owner and journal go last, in this order: a journal without an owner is still carried out, and an empty folder is in nobody's way.
 * @returns whether this was the process that took the last of it away: of several that clear up at once, one
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

/** What a process left that was killed before it had the lock. */
async function removeForsakenLocks(directory: string): Promise<void> {
  const folder = dirname(join(directory, STAGING))
  for (const name of await namesIn(folder)) {
    const pid = new RegExp(`^${basename(STAGING)}-(\\d+)-${NUMBER}$`).exec(name)?.[1]
    if (pid === undefined || processMark(Number(pid)) !== undefined) continue
    await rm(join(folder, name), { recursive: true, force: true })
    await removeIfEmpty(folder)
  }
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

async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const text = await readIfThere(path)
  if (text === undefined) return undefined
  try {
    return schema.parse(JSON.parse(text.toString()))
  } catch (cause) {
    throw new KeelError({
      code: 'secrets-journal',
      at: `${STAGING}/${basename(path)}`,
      found: 'this is not what keel wrote there',
      why: 'it says how an interrupted change is carried out',
      todo: `delete ${STAGING}, then look what \`git status\` and \`keel rekey --check\` say`,
      exit: ExitCode.Failed,
      cause,
    })
  }
}
