import type { StyledText } from '../model/text/styled-text.ts'
import type { RunRecord } from './run/run-record.ts'

/** Everything outside that a command uses. Nothing in src/commands/ uses `process` itself. */
export interface Io {
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  readonly stdout: NodeJS.WritableStream & {
    readonly isTTY?: boolean
    readonly columns?: number
    readonly writableNeedDrain?: boolean
  }
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean }
  /**
   * Prints text, or a value as JSON that is indented by two spaces. Makes control characters visible and adds a
   * newline.
   */
  print(value: string | object): void
  /** Prints lines for a person, in colours if the stream has them. Makes control characters visible. */
  show(text: StyledText, stream?: 'stdout' | 'stderr'): void
  /** Which streams have colours: `--color`, FORCE_COLOR, NO_COLOR, or a terminal. */
  readonly colors: { readonly stdout: boolean; readonly stderr: boolean }
  /**
   * Prints a line on stderr. Progress and warnings go there, so a program that reads stdout never gets them. Makes
   * control characters visible and indents further lines. Prints nothing with `--quiet`.
   */
  note(text: string): void
  /** Prints a line on stderr as `note` does, also with `--quiet`: a fault. */
  complain(text: string): void
  /** Asks on the terminal; `undefined` if there is none. */
  ask(question: string, options?: { readonly hidden?: boolean }): Promise<string | undefined>
  /**
   * Aborted by the first SIGINT, SIGTERM or SIGHUP. Until a command asks for it, these signals end keel at once. Code that must
   * undo something on a signal asks for it first.
   */
  readonly signal: AbortSignal
  /** The time of this machine. */
  now(): Date
  /** What this run of keel has done, and how much it says. */
  readonly run: RunRecord
}
