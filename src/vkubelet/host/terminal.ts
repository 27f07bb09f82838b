import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { promisify } from 'node:util'
import type { TerminalSize } from '../remote-command/terminal-size.ts'
import { readFifo } from './fifos.ts'

/** A terminal of the host, with nobody on it yet. */
export interface Terminal {
  /** `/dev/pts/3` */
  readonly path: string
  readonly input: Writable
  readonly output: Readable
  resize(size: TerminalSize): Promise<void>
  /** Lets what is written leave, and ends it. */
  close(): void
}

const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', SHELL: '/bin/sh' }

/** Milliseconds until it is there, and until it is gone. */
const LONGEST = 10_000
const LONGEST_END = 5_000

/**
 * Makes a terminal. Node can't, and script(1), which every Debian has, does: its own program on it only says which one it
 * is, and keeps it open.
 * @param told a named pipe for that
 */
export async function makeTerminal(told: string): Promise<Terminal> {
  const reading = await readFifo(told)
  const holder = `echo "$(tty) $$" > ${JSON.stringify(told)}; exec sleep infinity`
  const args = ['--quiet', '--flush', '--echo', 'always', '--command', holder, '/dev/null']
  const child = spawn('/usr/bin/script', args, { env, stdio: ['pipe', 'pipe', 'ignore'] })
  child.stdin.on('error', () => undefined)
  try {
    const { path, pid } = await Promise.race([answerOf(reading), failure(child)])
    return {
      path,
      input: child.stdin,
      output: child.stdout,
      async resize({ width, height }) {
        await promisify(execFile)('/usr/bin/stty', ['-F', path, 'cols', `${width}`, 'rows', `${height}`], { env })
      },
      close() {
        if (child.exitCode !== null || child.signalCode !== null) return
        // script itself, when it gets a signal, drops what is on its way
        process.kill(pid, 'SIGTERM')
        setTimeout(() => child.kill('SIGKILL'), LONGEST_END).unref()
      },
    }
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  } finally {
    reading.destroy()
  }
}

async function answerOf(reading: Readable): Promise<{ readonly path: string; readonly pid: number }> {
  const [bytes] = await once(reading, 'data', { signal: AbortSignal.timeout(LONGEST) })
  const [, path, pid] = /^(\/dev\/pts\/\d+) ([1-9]\d*)\n$/.exec(`${bytes}`) ?? []
  if (path === undefined) throw new Error('script(1) has made no terminal')
  return { path, pid: Number(pid) }
}

async function failure(child: ChildProcess): Promise<never> {
  const [code] = await once(child, 'exit')
  throw new Error(`script(1) ended with ${code}`)
}
