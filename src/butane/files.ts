/**
 * Where `local` files and `trees` come from. A path is relative to the files directory, clean, and never leaves it
 * (links that are followed may). Every method throws an Error whose message is what the report is to say.
 */
export interface FilesDirectory {
  /** The directory's absolute, clean path: what `..` in a config is measured by. */
  readonly root: string
  /** The bytes of a file; links are followed. */
  readFile(path: string): Uint8Array
  /** What is at a path; links are followed. */
  stat(path: string): FileKind
  /** What is at a path, links themselves included. */
  lstat(path: string): FileStatus
  /** The names in a directory, in any order. */
  list(path: string): readonly string[]
  /** A link's target as it is written. */
  readLink(path: string): string
}

export type FileKind = 'file' | 'directory' | 'link' | 'other'

export interface FileStatus {
  readonly kind: FileKind
  /** Somebody may execute it. */
  readonly executable: boolean
}
