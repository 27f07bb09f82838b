/**
 * The source of `local` files and `trees`. A path is relative to the files directory and clean, and never leaves it
 * (but a link that is followed may). Every method throws an Error whose message goes into the report.
 */
export interface FilesDirectory {
  /** The absolute, clean path of the directory. A `..` in a config is resolved against it. */
  readonly root: string
  /** Reads a file; follows links. */
  readFile(path: string): Uint8Array
  /** The kind of what is at a path; follows links. */
  stat(path: string): FileKind
  /** The kind of what is at a path; does not follow links. */
  lstat(path: string): FileStatus
  /** The names in a directory, in any order. */
  list(path: string): readonly string[]
  /** The target of a link, unchanged. */
  readLink(path: string): string
}

export type FileKind = 'file' | 'directory' | 'link' | 'other'

export interface FileStatus {
  readonly kind: FileKind
  /** Whether anybody may execute it. */
  readonly executable: boolean
}
