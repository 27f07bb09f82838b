import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
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
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    print: (value) => void process.stdout.write(typeof value === 'string' ? `${value}\n` : `${JSON.stringify(value, null, 2)}\n`),
    note: (text) => void process.stderr.write(`${text}\n`),
    ask: (question, options) => askOnTerminal(question, options?.hidden ?? false, interrupt.signal),
    signal: interrupt.signal,
  }
}

async function askOnTerminal(question: string, hidden: boolean, signal: AbortSignal): Promise<string | undefined> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined
  process.stderr.write(question)
  const output = hidden ? new Writable({ write: (_chunk, _encoding, done) => done() }) : process.stderr
  const lines = createInterface({ input: process.stdin, output, terminal: true })
  try {
    return await new Promise<string>((resolve, reject) => {
      lines.once('line', resolve)
      lines.once('SIGINT', () => process.kill(process.pid, 'SIGINT'))
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    })
  } finally {
    lines.close()
    if (hidden) process.stderr.write('\n')
  }
}
