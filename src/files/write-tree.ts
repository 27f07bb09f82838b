import {
  accessSync,
  chmodSync,
  constants,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { hasCode, KeelError } from '../errors.ts'
import { notWritten } from './not-written.ts'

export interface TreeFile {
  /** Relative to the folder. */
  readonly path: string
  readonly content: string | Uint8Array
  /** Octal: `0644`. */
  readonly mode: string
}

/**
 * Writes files into a folder, which is created if it is missing, all or none. They are staged in it first, so an error
 * of the system appears before the first file is replaced. A file that already has its content and mode stays
 * untouched, because reading costs a fifth of writing. The path of the folder may contain links, as the user named it.
 * Below it, keel follows no link, because a commit may have brought it.
 * @throws KeelError `not-written` (exit 1) if the disk refuses, and for a link at the place of a folder
 */
export function writeTree(folder: string, files: readonly TreeFile[]): void {
  const made: string[] = []
  try {
    for (const parent of new Set(files.map(({ path }) => dirname(path)))) refuseLinks(folder, parent)
    const changed = files.filter((file) => !isUpToDate(folder, file))
    if (changed.length > 0) replaceAll(folder, changed, made)
  } catch (error) {
    for (const path of made.toReversed()) rmSync(path, { recursive: true, force: true })
    throw notWritten(error, error instanceof Error && 'path' in error ? `${error.path}` : folder)
  }
}

/** @param made receives the folders that did not exist before */
function replaceAll(folder: string, files: readonly TreeFile[], made: string[]): void {
  const make = (path: string) => {
    const first = mkdirSync(path, { recursive: true })
    if (first !== undefined) made.push(first)
    accessSync(path, constants.W_OK | constants.X_OK)
  }
  make(folder)
  const staging = mkdtempSync(join(folder, '.keel-render-'))
  try {
    for (const parent of new Set(files.map(({ path }) => dirname(join(folder, path))))) make(parent)
    for (const [index, { content, mode }] of files.entries()) {
      writeFileSync(join(staging, `${index}`), content)
      // in a call of its own, because the mode at creation loses the bits of the umask
      chmodSync(join(staging, `${index}`), Number.parseInt(mode, 8))
    }
    for (const [index, { path }] of files.entries()) renameSync(join(staging, `${index}`), join(folder, path))
  } finally {
    rmSync(staging, { recursive: true, force: true })
  }
}

function refuseLinks(folder: string, parent: string): void {
  const names = parent.split('/').filter((name) => name !== '.')
  for (const depth of names.keys()) {
    const path = join(folder, ...names.slice(0, depth + 1))
    if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() !== true) continue
    throw new KeelError({
      code: 'not-written',
      at: path,
      found: 'a link instead of a folder; no file was changed',
      why: 'keel follows no link there, because it could lead to any folder of this machine',
      todo: 'remove the link, or name another folder with --out',
    })
  }
}

/** Opens only a regular file of the right size, because reading a pipe or a device would never end. */
function isUpToDate(folder: string, { path, content, mode }: TreeFile): boolean {
  const file = join(folder, path)
  try {
    const state = lstatSync(file)
    // this also reads a folder, so that the system reports here that it is one
    const bytes = typeof content === 'string' ? Buffer.from(content) : content
    if (!state.isDirectory() && (!state.isFile() || state.size !== bytes.length)) return false
    return readFileSync(file).equals(bytes) && (state.mode & 0o7777) === Number.parseInt(mode, 8)
  } catch (error) {
    // a mode with which its owner cannot read the file is a different mode, too
    if (hasCode(error, 'ENOENT', 'EACCES')) return false
    throw error
  }
}
