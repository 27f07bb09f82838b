/** A secrets.nix that keel's own reader can't read exactly. Its message names the thing, never a value. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable'
  readonly line: number
  /** The file, where it is not the one that was asked for. */
  readonly file: string | undefined

  constructor(line: number, found: string, file?: string) {
    super(found)
    this.line = line
    this.file = file
  }
}
