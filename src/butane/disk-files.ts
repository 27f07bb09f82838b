import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats, statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { FileKind, FilesDirectory } from './files.ts'
import { bytesOfText, textOfBytes } from './text.ts'

/** A directory of the machine's disk for `local` files and `trees`. It is read only when the config asks for something. */
export function openFilesDirectory(directory: string): FilesDirectory {
  const root = resolve(directory)
  // names on the disk are bytes
  const at = (path: string) => Buffer.from(bytesOfText(`${root}/${path}`))
  return {
    root,
    readFile: (path) => readFileSync(at(path)),
    stat: (path) => kindOf(statSync(at(path))),
    lstat: (path) => {
      const stats = lstatSync(at(path))
      return { kind: kindOf(stats), executable: (stats.mode & 0o111) !== 0 }
    },
    list: (path) => readdirSync(at(path), { encoding: 'buffer' }).map(textOfBytes),
    readLink: (path) => textOfBytes(readlinkSync(at(path), { encoding: 'buffer' })),
  }
}

function kindOf(stats: Stats): FileKind {
  if (stats.isFile()) return 'file'
  if (stats.isDirectory()) return 'directory'
  return stats.isSymbolicLink() ? 'link' : 'other'
}
