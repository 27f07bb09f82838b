import { type Dirent, readdirSync } from 'node:fs'
import { join, posix } from 'node:path'
import { readInventoryFile } from '../files/inventory-file.ts'

/**
 * A repository of hundreds of machines is smaller. With this limit, keel does not search a whole home folder that
 * somebody named by mistake.
 */
const MOST = { entries: 20_000, depth: 8, bytes: 1 << 18 }
/** Folders that are not part of a repository; `result` is a link that Nix makes. */
const PASSED_OVER = new Set(['node_modules', 'result', 'target'])

export interface RepositoryFile {
  /** Relative to the folder, with `/`. */
  readonly path: string
  readonly text: string
}

/**
 * The small regular files of a folder with these endings, nearest first. Follows no link, and ignores what it can't
 * read.
 */
export function* repositoryFiles(folder: string, ending: string): Generator<RepositoryFile> {
  let left = MOST.entries
  let level: readonly string[] = ['']
  for (let depth = 0; depth < MOST.depth && level.length > 0; depth++) {
    const below: string[] = []
    for (const path of level) {
      for (const entry of entriesOf(join(folder, path))) {
        if (left-- <= 0) return
        const found = posix.join(path, entry.name)
        if (entry.isDirectory() && !entry.name.startsWith('.') && !PASSED_OVER.has(entry.name)) below.push(found)
        if (!entry.isFile() || !entry.name.endsWith(ending)) continue
        const text = smallText(folder, found)
        if (text !== undefined) yield { path: found, text }
      }
    }
    level = below
  }
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1))
  } catch {
    return []
  }
}

function smallText(folder: string, file: string): string | undefined {
  try {
    return readInventoryFile(folder, file, MOST.bytes)?.toString()
  } catch {
    return undefined
  }
}
