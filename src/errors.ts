/** Exit codes; documented in docs/exit-codes.md and stable. */
export const ExitCode = {
  Done: 0,
  Failed: 1,
  Usage: 2,
  ChangesPending: 3,
  RolledBack: 4,
  Locked: 5,
  Unreachable: 6,
  Interrupted: 130,
  /** As programs end that SIGPIPE has ended: 128 and its number. */
  NobodyReads: 141,
} as const
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]

/** One fault, in words that a user can act on. */
export interface Fault {
  /** Stable identifier, kebab-case: programs and tests match on it, never on the text. */
  readonly code: string
  /** Where: `hosts/maia/host.ts:7`, a path in the inventory, or a host's name. */
  readonly at?: string
  /** What was found. */
  readonly found: string
  /** Why that is a fault. */
  readonly why?: string
  /** What to do about it. */
  readonly todo?: string
}

/** An error that a user can act on. Anything else that reaches src/cli.ts is a bug of keel's and is printed as one. */
export class KeelError extends Error implements Fault {
  readonly code: string
  readonly at?: string
  readonly found: string
  readonly why?: string
  readonly todo?: string
  readonly exit: ExitCode

  constructor(fault: Fault & { readonly exit?: ExitCode; readonly cause?: unknown }) {
    super(describeFault(fault), fault.cause === undefined ? undefined : { cause: fault.cause })
    this.name = 'KeelError'
    this.code = fault.code
    this.found = fault.found
    if (fault.at !== undefined) this.at = fault.at
    if (fault.why !== undefined) this.why = fault.why
    if (fault.todo !== undefined) this.todo = fault.todo
    this.exit = fault.exit ?? ExitCode.Failed
  }
}

/** Several faults found in one pass, so that a user fixes them all at once. */
export class FaultsError extends Error {
  readonly faults: readonly Fault[]
  readonly exit: ExitCode

  constructor(faults: readonly Fault[], exit: ExitCode = ExitCode.Usage) {
    super(faults.map(describeFault).join('\n'))
    this.name = 'FaultsError'
    this.faults = faults
    this.exit = exit
  }
}

/** A fault as text: one line for what and where, one each for why and what to do. */
export function describeFault({ at, found, why, todo }: Fault): string {
  const lines = [at === undefined ? continued(found) : `${at.replaceAll('\n', '\\n')}: ${continued(found)}`]
  if (why !== undefined) lines.push(`  why: ${continued(why)}`)
  if (todo !== undefined) lines.push(`  do:  ${continued(todo)}`)
  return lines.join('\n')
}

/** Lines of a value, a program's words say, are indented further than keel's own: none of them can pass for one. */
function continued(text: string): string {
  return text.replace(/\n(?! {4})/g, '\n    ')
}

/** A fault without what an error has besides: what programs get to read. */
export function plainFault({ code, at, found, why, todo }: Fault): Fault {
  return {
    code,
    ...(at === undefined ? {} : { at }),
    found,
    ...(why === undefined ? {} : { why }),
    ...(todo === undefined ? {} : { todo }),
  }
}

/** The system's error code (`EACCES`), for a sentence. Never its message, which may contain too much. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
}

/** Did the system refuse with one of these codes? */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(`${error.code}`)
}
