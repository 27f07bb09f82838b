import type { ExitCode } from '../../errors.ts'
import type { Example, Exit } from '../../help/form.ts'
import type { Io } from '../../ui/io.ts'

export type { Io }

export interface OptionSpec {
  /**
   * Flags in the form of Commander: `--json`, `--out <dir>`. With `...` (`--taint <taint...>`) the option may be
   * repeated, and its value is a list.
   */
  readonly flags: string
  readonly summary: string
}

/**
 * One verb. `run` gets positional arguments and options by their camelCase names, as commander parsed them, and returns
 * an exit code (nothing: done). It parses, calls and prints; it decides nothing.
 */
export interface Command<Input> {
  /** Commander's form, arguments included: `plan [host...]`. A verb of a verb: `secret show <name>`. */
  readonly name: string
  readonly summary: string
  readonly options: readonly OptionSpec[]
  /** For `--help`. A test has keel's own command line parse them. */
  readonly examples: readonly [Example, Example]
  /** For `--help`: the exit codes besides 0, 1, 2 and 130, and any of these that means more here. */
  readonly exits: readonly Exit[]
  /** With `--json` it prints events, a line each, and `end` as the last one. */
  readonly events?: true
  /** What follows `--` is `input.program`: a program on hosts and its arguments. */
  readonly programAfterDashes?: true
  /** From the first argument on, options belong to a program on a host, and come with the arguments. */
  readonly passesOptions?: true
  /** Answers with a code of keel's own, or with the exit status of a program that took keel's place. */
  readonly run: (input: Input, io: Io) => Promise<ExitCode | number | undefined>
}

/** Every verb takes it; `keel -C DIR verb` and `keel verb -C DIR` both work. */
export interface InDirectory {
  readonly directory?: string
}

export const directory: OptionSpec = {
  flags: '-C, --directory <dir>',
  summary: 'the inventory to work on (default: here, or the nearest folder above)',
}
export const json: OptionSpec = { flags: '--json', summary: 'print JSON, for programs' }
export const yes: OptionSpec = { flags: '-y, --yes', summary: 'ask nothing; never accepts an unknown host key' }
/** What `--identity` names. */
export const IDENTITY_FILE = 'an OpenSSH key or an age identity file (default: ~/.ssh/id_rsa, ~/.ssh/id_ed25519)'
export const identity: OptionSpec = {
  flags: '-i, --identity <file...>',
  summary: `private key to decrypt with: ${IDENTITY_FILE}`,
}
