import type { FilesDirectory } from '../files.ts'
import { cleanPath } from '../go/clean-path.ts'

/** A file that can't be had; the message is what the report says. */
export class LocalFileError extends Error {
  override readonly name = 'LocalFileError'
}

/**
 * The files that a config may name. What can't be had is answered with the error, so that the translation goes on and
 * tells all of them.
 */
export class LocalFiles {
  readonly #directory: FilesDirectory | undefined

  constructor(directory: FilesDirectory | undefined) {
    this.#directory = directory
  }

  /** The bytes of a file that the config names. */
  read(local: string): Uint8Array | LocalFileError {
    return this.attempt((directory) => directory.readFile(resolveLocal(local, directory)))
  }

  /** Does something with the directory; whatever it throws becomes the answer. */
  attempt<T>(use: (directory: FilesDirectory) => T): T | LocalFileError {
    if (this.#directory === undefined) return noDirectory
    try {
      return use(this.#directory)
    } catch (error) {
      return error instanceof LocalFileError ? error : new LocalFileError(error instanceof Error ? error.message : String(error))
    }
  }

  /** Why nothing can be read at all. */
  get missing(): LocalFileError | undefined {
    return this.#directory === undefined ? noDirectory : undefined
  }
}

const noDirectory = new LocalFileError('the config names local files: say with --files-dir which directory they are in')

/**
 * A path as the config names it, relative to the files directory (`.` for that itself); a leading slash means nothing.
 * @throws {LocalFileError} where it leaves the directory, by its letters: links are followed without asking
 */
export function resolveLocal(local: string, { root }: FilesDirectory): string {
  const path = cleanPath(`${root}/${local}`)
  if (path === root) return '.'
  if (!path.startsWith(`${root}/`)) throw new LocalFileError('local file path traverses outside the files directory')
  return path.slice(root.length + 1)
}
