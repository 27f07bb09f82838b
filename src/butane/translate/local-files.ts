import type { FilesDirectory } from '../files.ts'
import { cleanPath } from '../go/clean-path.ts'

/** A file that cannot be read. The message goes into the report. */
export class LocalFileError extends Error {
  override readonly name = 'LocalFileError'
}

/**
 * The files that a config may name. If one cannot be read, the result is the error, so that the translation continues
 * and reports all of them.
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

  /** Calls `work` with the directory. If it throws, the error becomes the result. */
  attempt<T>(use: (directory: FilesDirectory) => T): T | LocalFileError {
    if (this.#directory === undefined) return noDirectory
    try {
      return use(this.#directory)
    } catch (error) {
      return error instanceof LocalFileError
        ? error
        : new LocalFileError(error instanceof Error ? error.message : String(error))
    }
  }

  /** Why no file can be read at all. */
  get missing(): LocalFileError | undefined {
    return this.#directory === undefined ? noDirectory : undefined
  }
}

const noDirectory = new LocalFileError('the config names local files: say with --files-dir which directory they are in')

/**
 * A path of the config, relative to the files directory (`.` for the directory itself). A leading slash has no effect.
 * @throws {LocalFileError} if the text of the path leaves the directory; this does not look at links
 */
export function resolveLocal(local: string, { root }: FilesDirectory): string {
  const path = cleanPath(`${root}/${local}`)
  if (path === root) return '.'
  if (!path.startsWith(`${root}/`)) throw new LocalFileError('local file path traverses outside the files directory')
  return path.slice(root.length + 1)
}
