import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { getSystemErrorMessage } from 'node:util'
import type { FileKind, FilesDirectory } from './files.ts'
import { bytesOfText, textOfBytes } from './text.ts'

/**
 * A directory on the disk of this machine for `local` files and `trees`. Nothing is read before the config asks for it.
 */
export function openFilesDirectory(directory: string): FilesDirectory {
  const root = resolve(directory)
  const reading =
    <T>(verb: string, read: (path: Buffer) => T) =>
    (path: string): T => {
      try {
        // file names on the disk are bytes
        return read(Buffer.from(bytesOfText(`${root}/${path}`)))
      } catch (error) {
        throw new Error(`${verb} ${path}: ${reasonOf(error)}`, { cause: error })
      }
    }
  return {
    root,
    readFile: reading('open', (path) => readFileSync(path)),
    stat: reading('stat', (path) => kindOf(statSync(path))),
    lstat: reading('lstat', (path) => {
      const stats = lstatSync(path)
      return { kind: kindOf(stats), executable: (stats.mode & 0o111) !== 0 }
    }),
    list: reading('list', (path) => readdirSync(path, { encoding: 'buffer' }).map(textOfBytes)),
    readLink: reading('readlink', (path) => textOfBytes(readlinkSync(path, { encoding: 'buffer' }))),
  }
}

/** The reason alone. Node's message contains the absolute path, which should not appear in a report. */
function reasonOf(error: unknown): string {
  const errno = error instanceof Error && 'errno' in error ? error.errno : undefined
  return typeof errno === 'number' ? getSystemErrorMessage(errno) : String(error)
}

function kindOf(stats: Stats): FileKind {
  if (stats.isFile()) return 'file'
  if (stats.isDirectory()) return 'directory'
  return stats.isSymbolicLink() ? 'link' : 'other'
}
