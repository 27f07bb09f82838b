import {
  accessSync,
  chmodSync,
  constants,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { hasCode } from '../errors.ts'
import { notWritten } from './not-written.ts'

export interface TreeFile {
  /** Relative to the folder. */
  readonly path: string
  readonly content: string
  /** Octal: `0644`. */
  readonly mode: string
}

/**
 * Writes files into a folder, made where it is missing, all or none: they are staged in it, and what the system refuses shows before the first takes its
 * place. A file that holds what it should, with its mode, stays as it is: to read it costs a fifth of writing it.
 * @throws KeelError `not-written` (exit 1) when the disk refuses
 */
export function writeTree(folder: string, files: readonly TreeFile[]): void {
  const made: string[] = []
  try {
    const changed = files.filter((file) => !stands(folder, file))
    if (changed.length > 0) replaceAll(folder, changed, made)
  } catch (error) {
    for (const path of made.toReversed()) rmSync(path, { recursive: true, force: true })
    throw notWritten(error, error instanceof Error && 'path' in error ? `${error.path}` : folder)
  }
}

/** @param made learns which folders were not there before */
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
      // in a call of its own: a mode that a file is made with loses the bits of the umask
      chmodSync(join(staging, `${index}`), Number.parseInt(mode, 8))
    }
    for (const [index, { path }] of files.entries()) renameSync(join(staging, `${index}`), join(folder, path))
  } finally {
    rmSync(staging, { recursive: true, force: true })
  }
}

function stands(folder: string, { path, content, mode }: TreeFile): boolean {
  const file = join(folder, path)
  try {
    return readFileSync(file, 'utf8') === content && (statSync(file).mode & 0o7777) === Number.parseInt(mode, 8)
  } catch (error) {
    // a mode that keeps its owner from reading it is another one, too
    if (hasCode(error, 'ENOENT', 'EACCES')) return false
    throw error
  }
}
