import { accessSync, constants, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { hasCode } from '../secrets/disk.ts'
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
 * place. A file that holds what it should stays as it is: to read it costs a fifth of writing it.
 * @throws KeelError `not-written` (exit 1) when the disk refuses
 */
export function writeTree(folder: string, files: readonly TreeFile[]): void {
  const made: string[] = []
  try {
    const changed = files.filter(({ path, content }) => !holds(join(folder, path), content))
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
    for (const [index, { content, mode }] of files.entries())
      writeFileSync(join(staging, `${index}`), content, { mode: Number.parseInt(mode, 8) })
    for (const [index, { path }] of files.entries()) renameSync(join(staging, `${index}`), join(folder, path))
  } finally {
    rmSync(staging, { recursive: true, force: true })
  }
}

function holds(path: string, content: string): boolean {
  try {
    return readFileSync(path, 'utf8') === content
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false
    throw error
  }
}
