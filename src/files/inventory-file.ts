import { closeSync, constants, type Dirent, fstatSync, lstatSync, openSync, readdirSync, readSync, realpathSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { ExitCode, hasCode, KeelError } from '../errors.ts'

/*
 * The one reader for what a commit brings. A commit can bring links, and a checkout can hold pipes and files without
 * end: so a reader of an inventory must not leave it, must not wait, and must have a size limit.
 */

/** A secret of Kubernetes has a megabyte at most. */
export const MOST_BYTES = 16 << 20
/**
 * The limit for texts that are parsed, because the values take many times the memory of the text. A host's file has a
 * few kilobytes, one with manifests a megabyte.
 */
export const MOST_PARSED_BYTES = 4 << 20

/**
 * A file of an inventory (or of another repository), or undefined where there is none. No link is followed, not even
 * one that leads to a file of the same folder: that file may be one that git ignores, `.git/config` or `.env`.
 * @param directory the inventory; it may be reached through links, as its user named it
 * @param file relative to it
 * @throws KeelError `inventory-file` (exit 2) for a link, for what is no regular file, and for too large a file; what
 * the system refuses as it is
 */
export function readInventoryFile(directory: string, file: string, most = MOST_BYTES): Buffer | undefined {
  const path = pathWithoutLinks(directory, file)
  if (path === undefined) return undefined
  // does not wait for a pipe without a writer, and does not follow a link that has replaced the file meanwhile
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW | constants.O_NOCTTY)
  try {
    const state = fstatSync(descriptor)
    if (state.isDirectory()) throw Object.assign(new Error('a folder'), { code: 'EISDIR', path })
    if (!state.isFile())
      throw refused(file, 'a pipe, socket or device', 'keel reads regular files only', 'put a regular file there')
    if (state.size > most) throw tooLarge(file, most)
    return readAll(descriptor, state.size, () => tooLarge(file, most))
  } finally {
    closeSync(descriptor)
  }
}

/**
 * The names in a folder of an inventory, or undefined where there is no such folder.
 * @throws KeelError `inventory-file` (exit 2) for a link on the way to it; what the system refuses as it is
 */
export function inventoryNames(directory: string, folder: string): readonly string[] | undefined {
  return inventoryEntries(directory, folder)?.map(({ name }) => name)
}

/** The same, with what each is. */
export function inventoryEntries(directory: string, folder: string): readonly Dirent[] | undefined {
  const path = pathWithoutLinks(directory, folder)
  return path === undefined ? undefined : readdirSync(path, { withFileTypes: true })
}

/**
 * Absolute; undefined where there is nothing.
 * @throws KeelError `inventory-file` (exit 2) where a link is on the way
 */
function pathWithoutLinks(directory: string, file: string): string | undefined {
  const real = realPath(directory, file)
  if (real === undefined) {
    // a link that leads nowhere, or to a folder without this file: the file does not count as missing
    refuseLinksTo(directory, join(file, 'x'))
    return undefined
  }
  const folder = realpathSync.native(directory)
  if (real === join(folder, file) && isBelow(real, folder)) return real
  throw linked(file)
}

/**
 * For code that writes: a link among the folders of a file would put it somewhere else. A link in the place of the file
 * itself is replaced, not followed.
 * @throws KeelError `inventory-file` (exit 2)
 */
export function refuseLinksTo(directory: string, file: string): void {
  const folders = file.split('/').slice(0, -1)
  for (const depth of folders.keys()) {
    const folder = folders.slice(0, depth + 1).join('/')
    const state = lstatSync(join(directory, folder), { throwIfNoEntry: false })
    if (state === undefined) return
    if (state.isSymbolicLink()) throw linked(folder)
  }
}

/**
 * For a folder that a user names to be written into, wherever it is: it follows the user's own links, but none below
 * the inventory, however the path is spelled.
 * @param directory the inventory, links resolved
 * @throws KeelError `inventory-file` (exit 2)
 */
export function refuseInventoryLinksOn(directory: string, path: string): void {
  let real = '/'
  for (const name of resolve(path).split('/')) {
    const next = join(real, name)
    const isLink = lstatSync(next, { throwIfNoEntry: false })?.isSymbolicLink() === true
    if (isLink && isBelow(real, directory)) throw linked(relative(directory, next))
    try {
      real = realpathSync.native(next)
    } catch {
      // not there yet, or for the code that writes to report
      return
    }
  }
}

/** Relative, with forward slashes, and nowhere else than below the folder: `secrets/a.age`. */
export function isInventoryPath(file: string): boolean {
  const parts = file.split('/')
  return !/[\0\\]/.test(file) && parts.every((part) => part !== '' && part !== '.' && part !== '..' && part !== '.git')
}

/** The error for every link in an inventory. */
export function linked(file: string, todo = 'put the file or folder itself there'): KeelError {
  const why = 'keel follows no link in an inventory, because a commit could use one to name any file of this machine'
  return refused(file, 'a link, or a file that is reached through one', why, todo)
}

function realPath(directory: string, file: string): string | undefined {
  try {
    return realpathSync.native(join(directory, file))
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    // a link that leads to itself
    if (hasCode(error, 'ELOOP')) throw linked(file)
    throw error
  }
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`)
}

/** The size is known already: a file that grows meanwhile is cut there. */
function readAll(descriptor: number, size: number, grows: () => KeelError): Buffer {
  const bytes = Buffer.allocUnsafe(size + 1)
  let length = 0
  for (;;) {
    const read = readSync(descriptor, bytes, length, bytes.length - length, null)
    if (read === 0) return bytes.subarray(0, length)
    length += read
    if (length > size) throw grows()
  }
}

function tooLarge(file: string, most: number): KeelError {
  const why = `keel reads ${Math.floor(most / (1 << 20))} megabytes of a file at most`
  return refused(file, 'this file is too large', why, 'make it smaller')
}

function refused(at: string, found: string, why: string, todo: string): KeelError {
  return new KeelError({ code: 'inventory-file', at, found, why, todo, exit: ExitCode.Usage })
}
