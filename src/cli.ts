import type { Io } from './commands/command.ts'
import { describeFault, ExitCode, FaultsError, KeelError } from './errors.ts'
import { processIo } from './ui/process-io.ts'
import { version } from './version.ts'

/** Runs one command line (without node and script) and answers with the exit code: the only place that turns an error into one. */
export async function main(argv: readonly string[], io: Io = realIo(argv)): Promise<ExitCode> {
  if (argv.length === 1 && asksForVersion(argv[0])) {
    io.print(version)
    answered = true
    return ExitCode.Done
  }
  try {
    const { runCommandLine } = await import('./command-line.ts')
    return await runCommandLine(argv, io)
  } catch (error) {
    if (io.signal.aborted) {
      io.note('keel: interrupted')
      return ExitCode.Interrupted
    }
    return report(error, io)
  } finally {
    answered = true
  }
}

/** Scripts and prompts ask again and again: answered before anything is loaded. */
function asksForVersion(argument: string | undefined): boolean {
  return argument === '--version' || argument === '-V'
}

/** What no `await` catches ends the process here: Node would print the error's message, and one that is not ours may hold a secret. */
function realIo([verb]: readonly string[]): Io {
  // what a lab has set up on this machine is removed first, however long that takes
  const io = processIo(verb !== 'lab')
  process.on('uncaughtException', (error) => process.exit(report(error, io)))
  // 0 is the word of a verb that has come to its end, and of nothing else
  process.once('exit', (code) => {
    if (code === ExitCode.Done && !answered) process.exitCode = report(unanswered(), io)
  })
  return io
}

let answered = false

function unanswered(): KeelError {
  return new KeelError({
    code: 'no-answer',
    found: 'keel ended before it was done',
    why: 'a TypeScript file of the inventory waits for something that never comes, or calls process.exit',
    todo: 'take that out of the file; if there is no such thing in it, report a bug in keel',
  })
}

function report(error: unknown, io: Io): ExitCode {
  if (error instanceof FaultsError) {
    for (const fault of error.faults) io.note(describeFault(fault))
    io.note(`keel: ${error.faults.length} ${error.faults.length === 1 ? 'fault' : 'faults'}; nothing was changed`)
    return error.exit
  }
  if (error instanceof KeelError) {
    io.note(`keel: ${describeFault(error)}`)
    return error.exit
  }
  // A bug of ours. The stack names no value that a caller passed, so it can't hold a secret of its own; the message might, so it stays out.
  const stack = error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => line.startsWith('    at ')) : []
  io.note(`keel: a bug in keel (${error instanceof Error ? error.name : typeof error}); please report it with these lines:`)
  for (const line of stack.slice(0, 12)) io.note(line)
  return ExitCode.Failed
}
