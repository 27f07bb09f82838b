import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'

/** Asks on stderr, for stdout may be a file. @returns undefined where there is no terminal */
export async function askOnTerminal(question: string, hidden: boolean, signal: AbortSignal): Promise<string | undefined> {
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
