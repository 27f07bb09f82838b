import {
  closeSync,
  constants,
  type Dirent,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
} from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { ExitCode, hasCode, KeelError } from '../errors.ts'

/*
 * The one reader for everything that a commit can bring. A commit can contain links, and a checkout can contain pipes
 * and files without end. So the reader must not leave the inventory, must not wait, and must have a size limit.
 */

/** A secret of Kubernetes has at most a megabyte. */
export const MOST_BYTES = 16 << 20
/**
 * The limit for texts that keel parses, because their values take many times the memory of the text. The file of a host
 * has a few kilobytes, with manifests a megabyte.
 */
export const MOST_PARSED_BYTES = 4 << 20

/**
 * Reads a file of an inventory (or of another repository); undefined if there is none. It follows no link, not even one
 * to a file in the same folder, because git may ignore that file: `.git/config` or `.env`.
 * @param directory the inventory, as the user named it; links on the way to it are allowed
 * @param file relative to it
 * @throws KeelError `inventory-file` (exit 2) for a link, for anything except a regular file, and for too large a file;
 * the error of the system unchanged
 */
export function readInventoryFile(directory: string, file: string, most = MOST_BYTES): Buffer | undefined {
  const path = pathWithoutLinks(directory, file)
  if (path === undefined) return undefined
  // opening does not wait for a pipe without a writer, and does not follow a link that has replaced the file in the
  // meantime
  const descriptor = openSync(
    path,
    constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW | constants.O_NOCTTY,
  )
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
 * The names in a folder of an inventory; undefined if there is no such folder.
 * @throws KeelError `inventory-file` (exit 2) for a link on the way to it; the error of the system unchanged
 */
export function inventoryNames(directory: string, folder: string): readonly string[] | undefined {
  return inventoryEntries(directory, folder)?.map(({ name }) => name)
}

/** The same names, each with its kind. */
export function inventoryEntries(directory: string, folder: string): readonly Dirent[] | undefined {
  const path = pathWithoutLinks(directory, folder)
  return path === undefined ? undefined : readdirSync(path, { withFileTypes: true })
}

/**
 * The absolute path; undefined if nothing is there.
 * @throws KeelError `inventory-file` (exit 2) if a link is on the way
 */
function pathWithoutLinks(directory: string, file: string): string | undefined {
  const real = realPath(directory, file)
  if (real === undefined) {
    // a link without a target, or to a folder without this file: then the file does not count as missing
    refuseLinksTo(directory, join(file, 'x'))
    return undefined
  }
  const folder = realpathSync.native(directory)
  if (real === join(folder, file) && isBelow(real, folder)) return real
  throw linked(file)
}

/**
 * For code that writes: a link among the folders of a file would put it somewhere else. A link at the place of the file
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
 * For a folder that the user names to be written to, anywhere. It follows the user's own links, but no link below the
 * inventory, however the path is spelled.
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
      // it does not exist yet, or the code that writes will report the error
      return
    }
  }
}

/** Whether a path is relative, with forward slashes, and stays below the folder: `secrets/a.age`. */
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
    // a link to itself
    if (hasCode(error, 'ELOOP')) throw linked(file)
    throw error
  }
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`)
}

/** The size is already known. If a file grows in the meantime, this reads only that size. */
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
