import { ExitCode } from '../errors.ts'
import type { Io } from './io.ts'
import { notedText, printedText } from './visible.ts'
import { outputFailed, writeNow } from './write-now.ts'

/** Of the two seconds in which a signal ends keel: for what has to be told or taken back. */
const GRACE_MS = 1500

/**
 * The real terminal, environment and signals of this process. SIGINT and SIGTERM end it by themselves, in the midst of
 * whatever it reads or computes, until a command asks for `signal`: a listener would be called only when an endless
 * loop in an inventory's TypeScript has ended.
 * @param endsInTime a command that listens is ended all the same when it does not end by itself
 */
export function processIo(endsInTime = true): Io {
  const interrupt = new AbortController()
  const listened = () => {
    if (!listening) for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupted(signal))
    listening = true
    return interrupt.signal
  }
  let listening = false
  const interrupted = (signal: string) => {
    // the second signal ends the process at once: it may hang in something that does not listen
    if (interrupt.signal.aborted) process.exit(ExitCode.Interrupted)
    if (endsInTime) setTimeout(giveUp, GRACE_MS).unref()
    interrupt.abort(new Error(signal))
  }
  const giveUp = () => {
    writeNow('stderr', 'keel: interrupted\n')
    process.exit(ExitCode.Interrupted)
  }
  return {
    cwd: process.cwd(),
    env: process.env,
    // opened when they are asked for: each takes node a good deal of loading
    get stdin() {
      return process.stdin
    },
    get stdout() {
      if (process.stdout.listenerCount('error', throwOutputFailed) === 0) process.stdout.on('error', throwOutputFailed)
      return process.stdout
    },
    get stderr() {
      return process.stderr
    },
    print: (value) => writeNow('stdout', printedText(value)),
    note: (text) => writeNow('stderr', notedText(text)),
    ask: async (question, options) => {
      const { askOnTerminal } = await import('./ask-on-terminal.ts')
      return askOnTerminal(question, options?.hidden ?? false, listened())
    },
    get signal() {
      return listened()
    },
  }
}

function throwOutputFailed(error: Error): never {
  throw outputFailed(error)
}
