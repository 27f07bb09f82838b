import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { main } from '../../../src/cli.ts'
import type { Io } from '../../../src/commands/shared/command.ts'
import { RunRecord } from '../../../src/ui/run/run-record.ts'
import { painted } from '../../../src/ui/style.ts'
import { notedText, printedText } from '../../../src/ui/visible.ts'
import { checkOutput } from './valid-output.ts'

/** Runs keel's command line in this process, with a home that has no keys and with nobody to ask. */
export async function keel(
  cwd: string,
  argv: readonly string[],
  stdin: string | Uint8Array = '',
  more: Partial<Io> = {},
) {
  const { io, printed } = recordingIo(cwd, stdin, more)
  const exit = await main(argv, io)
  const { out, err } = printed()
  checkOutput(argv, out, exit)
  return { exit, out, err }
}

/** The Io of one command line, and what it has printed. */
export function recordingIo(cwd: string, stdin: string | Uint8Array = '', more: Partial<Io> = {}) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const run = new RunRecord()
  const complain = (text: string) => void stderr.write(notedText(text))
  const io: Io = {
    cwd,
    env: { HOME: join(cwd, 'nobody'), PATH: process.env.PATH },
    stdin: Readable.from([Buffer.from(stdin)]),
    stdout,
    stderr,
    print: (value) => void stdout.write(printedText(value)),
    show: (text, stream = 'stdout') => void { stdout, stderr }[stream].write(`${painted(text, false)}\n`),
    colors: { stdout: false, stderr: false },
    note: (text) => (run.verbosity === 'quiet' ? undefined : complain(text)),
    complain,
    ask: () => Promise.resolve(undefined),
    signal: new AbortController().signal,
    now: () => new Date('2026-11-29T09:00:00Z'),
    run,
    ...more,
  }
  return { io, printed: () => ({ out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') }) }
}
