import type { Io } from './commands/shared/command.ts'
import { describeFault, ExitCode, type Fault, FaultsError, hasCode, KeelError } from './errors.ts'
import { counted } from './model/text/counted.ts'
import { colorChoice } from './ui/colors.ts'
import { asksForJson, faultsJson } from './ui/faults-json.ts'
import { processIo } from './ui/process-io.ts'
import { timed } from './ui/run/lines.ts'
import { visibleJson } from './ui/visible.ts'
import { version } from './version.ts'

/**
 * Runs one command line (without node and script) and answers with the exit code: the only place that turns an error
 * into one.
 */
export async function main(argv: readonly string[], io: Io = realIo(argv)): Promise<number> {
  if (argv.length === 1 && asksForVersion(argv[0])) {
    io.print(version)
    answered = true
    return ExitCode.Done
  }
  const exit = await answer(argv, io)
  answered = true
  end(exit, io)
  return exit
}

async function answer(argv: readonly string[], io: Io): Promise<number> {
  try {
    const { runCommandLine } = await import('./command-line.ts')
    return await runCommandLine(argv, io)
  } catch (error) {
    return report(io.signal.aborted ? interrupted() : error, io, argv)
  }
}

/** The last line of a verb that prints events, and of a log, however the run ends. */
function end(exit: number, io: Io): void {
  const event = io.run.end(exit)
  if (event === undefined || !io.run.streams || exit === ExitCode.NobodyReads) return
  try {
    io.print(visibleJson(timed(event)))
  } catch {
    // stdout may be what failed; stderr has the message
  }
}

/** Scripts and prompts ask again and again: answered before anything is loaded. */
function asksForVersion(argument: string | undefined): boolean {
  return argument === '--version' || argument === '-V'
}

/**
 * What no `await` catches ends the process here: Node would print the error's message, and one that is not ours may
 * hold a secret.
 */
function realIo(argv: readonly string[]): Io {
  // what a lab has set up on this machine is removed first, however long that takes
  const io = processIo(argv[0] !== 'lab', colorChoice(argv))
  process.on('uncaughtException', (error) => process.exit(report(error, io, argv)))
  // only a verb that has finished exits with 0
  process.once('exit', (code) => {
    if (code === ExitCode.Done && !answered) process.exitCode = report(unanswered(), io, argv)
    end(Number(process.exitCode ?? code), io)
  })
  return io
}

let answered = false

function unanswered(): KeelError {
  return new KeelError({
    code: 'no-answer',
    found: 'keel ended before it was done',
    why: 'a TypeScript file of the inventory waits for something that never comes, or calls process.exit',
    todo: 'remove that from the file; if the file does no such thing, report a bug in keel',
  })
}

function interrupted(): KeelError {
  return new KeelError({ code: 'interrupted', found: 'interrupted', exit: ExitCode.Interrupted })
}

/**
 * Tells a person on stderr, and a program that asked for JSON on stdout. Prints nothing if the reader has closed the
 * pipe, like other programs.
 */
function report(error: unknown, io: Io, argv: readonly string[]): ExitCode {
  const exit = error instanceof KeelError || error instanceof FaultsError ? error.exit : ExitCode.Failed
  if (hasCode(error, 'EPIPE') || exit === ExitCode.NobodyReads) return ExitCode.NobodyReads
  // a terminal already shows the `^C`
  if (exit === ExitCode.Interrupted && io.stderr.isTTY === true) io.stderr.write('\r\u001b[K')
  for (const line of describe(error, io)) io.complain(line)
  for (const fault of faultsOf(error)) io.run.fault(fault)
  const codes = explainable(error)
  if (codes.length > 0 && io.stderr.isTTY === true && io.run.verbosity !== 'quiet')
    io.show([[{ text: moreOn(codes), look: 'aside' }]], 'stderr')
  try {
    // after an interrupt, a program still reads events or watched output to the last line
    if (asksForJson(argv) && exit !== ExitCode.Interrupted) io.print(faultsJson(faultsOf(error), exit))
  } catch {
    // stdout may be what failed; stderr has the message
  }
  return exit
}

function describe(error: unknown, { run }: Io): readonly string[] {
  if (error instanceof FaultsError) {
    return [
      ...error.faults.map(describeFault),
      `keel: ${counted(error.faults.length, 'fault')}${run.hasTouchedHosts ? '' : '; nothing was changed'}`,
    ]
  }
  if (error instanceof KeelError) return [`keel: ${describeFault(error)}`]
  // A bug of ours. The stack names no value that a caller passed, so it can't hold a secret of its own; the message
  // might, so it stays out.
  const stack =
    error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => line.startsWith('    at ')) : []
  return [`keel: ${bug(error)}; please report it with these lines:`, ...stack.slice(0, 12)]
}

/** The codes of faults about which `keel explain` says more than the message. */
function explainable(error: unknown): readonly string[] {
  const codes = faultsOf(error).map(({ code }) => code)
  // a user who has said no knows why
  return [...new Set(codes)].filter(
    (code) =>
      !code.endsWith('-declined') && !['bug', 'interrupted', 'no-explanation', 'no-help', 'usage'].includes(code),
  )
}

function moreOn([first, ...others]: readonly string[]): string {
  return others.length === 0
    ? `more: keel explain ${first}`
    : `more: keel explain CODE, for ${[first, ...others].join(', ')}`
}

function faultsOf(error: unknown): readonly Fault[] {
  if (error instanceof FaultsError) return error.faults
  return error instanceof KeelError ? [error] : [{ code: 'bug', found: bug(error) }]
}

function bug(error: unknown): string {
  return `a bug in keel (${error instanceof Error ? error.name : typeof error})`
}
