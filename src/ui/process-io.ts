import { ExitCode } from '../errors.ts'
import type { Io } from './io.ts'

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
    // opened when it is asked for
    get stdin() {
      return process.stdin
    },
    stdout: process.stdout,
    stderr: process.stderr,
    print: (value) => void process.stdout.write(typeof value === 'string' ? `${value}\n` : `${JSON.stringify(value, null, 2)}\n`),
    note: (text) => void process.stderr.write(`${text}\n`),
    ask: async (question, options) => {
      const { askOnTerminal } = await import('./ask-on-terminal.ts')
      return askOnTerminal(question, options?.hidden ?? false, interrupt.signal)
    },
    signal: interrupt.signal,
  }
}
