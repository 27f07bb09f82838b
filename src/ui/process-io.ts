import { ExitCode } from '../errors.ts'
import { type ColorChoice, hasColors } from './colors.ts'
import type { Io } from './io.ts'
import { RunRecord } from './run/run-record.ts'
import { painted } from './style.ts'
import { notedText, printedText } from './visible.ts'
import { fitLines } from './wrap-lines.ts'
import { outputFailed, writeNow } from './write-now.ts'

/** A signal ends keel within two seconds. This part of them is for messages and for undoing changes. */
const GRACE_MS = 1500

/** SIGHUP: the terminal is gone. nohup(1) changes nothing about it, because node takes back that it is ignored. */
const INTERRUPTS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * The real terminal, environment and signals of this process. Until a command asks for `signal`, SIGINT, SIGTERM and
 * SIGHUP end the process by themselves, whatever it reads or computes. With a listener instead, node would act on them
 * only after an endless loop in an inventory's TypeScript, so never.
 * @param endsInTime true: keel also ends a command that has asked for `signal` and does not end by itself
 * @param color which streams have colours
 */
export function processIo(endsInTime = true, color: ColorChoice = 'auto'): Io {
  const interrupt = new AbortController()
  const listened = () => {
    if (!listening) for (const signal of INTERRUPTS) process.on(signal, () => interrupted(signal))
    listening = true
    return interrupt.signal
  }
  let listening = false
  const interrupted = (signal: string) => {
    // the second signal ends the process at once, because it may hang in code that ignores `signal`
    if (interrupt.signal.aborted) process.exit(ExitCode.Interrupted)
    if (endsInTime) setTimeout(giveUp, GRACE_MS).unref()
    interrupt.abort(new Error(signal))
  }
  const giveUp = () => {
    writeNow('stderr', 'keel: interrupted\n')
    process.exit(ExitCode.Interrupted)
  }
  // a terminal that is gone takes nothing, and what keel undoes now must not end with that
  const stdoutFailed = (error: Error) => {
    if (!interrupt.signal.aborted) throw outputFailed(error)
  }
  const colors = {
    get stdout() {
      return hasColors(color, process.env, process.stdout.isTTY)
    },
    get stderr() {
      return hasColors(color, process.env, process.stderr.isTTY)
    },
  }
  const run = new RunRecord()
  const complain = (text: string) => writeNow('stderr', notedText(text))
  return {
    cwd: process.cwd(),
    env: process.env,
    // opened only on request, because node loads a lot of code for each
    get stdin() {
      return process.stdin
    },
    get stdout() {
      if (process.stdout.listenerCount('error', stdoutFailed) === 0) process.stdout.on('error', stdoutFailed)
      return process.stdout
    },
    get stderr() {
      if (process.stderr.listenerCount('error', ignored) === 0) process.stderr.on('error', ignored)
      return process.stderr
    },
    colors,
    show: (text, stream = 'stdout') => {
      writeNow(stream, `${painted(fitLines(text, process[stream]), colors[stream])}\n`)
    },
    print: (value) => writeNow('stdout', printedText(value)),
    note: (text) => (run.verbosity === 'quiet' ? undefined : complain(text)),
    complain,
    ask: async (question, options) => {
      const { askOnTerminal } = await import('./ask-on-terminal.ts')
      return askOnTerminal(question, options?.hidden ?? false, listened())
    },
    get signal() {
      return listened()
    },
    now: () => new Date(),
    run,
  }
}

/** There is no other place to say that stderr can't be written to. */
function ignored(): void {}
