import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { visible } from './visible.ts'

/**
 * Asks on stderr, because stdout may be a file. Ctrl-C and Ctrl-D interrupt keel.
 * @returns undefined if there is no terminal
 */
export async function askOnTerminal(
  question: string,
  hidden: boolean,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined
  const output = hidden ? new Writable({ write: (_chunk, _encoding, done) => done() }) : process.stderr
  const lines = createInterface({ input: process.stdin, output, terminal: true })
  // only now, because from here on the terminal shows nothing of what is typed
  process.stderr.write(visible(question))
  // emitted here, because at the end of the input node would exit before a real signal arrives
  const interrupt = () => process.emit('SIGINT', 'SIGINT')
  try {
    return await new Promise<string>((resolve, reject) => {
      lines.once('line', resolve)
      lines.once('SIGINT', interrupt)
      lines.once('close', interrupt)
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    })
  } finally {
    lines.off('close', interrupt)
    lines.close()
    // the next output begins on a new line
    if (hidden || signal.aborted) process.stderr.write('\n')
  }
}
