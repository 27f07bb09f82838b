import { ExitCode } from '../errors.ts'
import type { Io } from './io.ts'
import { notedText, printedText } from './visible.ts'
import { outputFailed, writeNow } from './write-now.ts'

/** The real terminal, environment and signals of this process. */
export function processIo(): Io {
  const interrupt = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    // `on`, not `once`: execa's signal-exit ends the process at once when it finds no listener but its own
    process.on(signal, () => {
      // the second signal ends the process at once: it may hang in something that does not listen
      if (interrupt.signal.aborted) process.exit(ExitCode.Interrupted)
      interrupt.abort(new Error(signal))
    })
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
      return askOnTerminal(question, options?.hidden ?? false, interrupt.signal)
    },
    signal: interrupt.signal,
  }
}

function throwOutputFailed(error: Error): never {
  throw outputFailed(error)
}
