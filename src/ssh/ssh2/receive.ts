import { constants } from 'node:os'
import type { ClientChannel } from 'ssh2'
import { garbled } from '../failures.ts'
import { MOST_LINES } from '../limits.ts'
import { lineSplitter } from '../shell/lines.ts'
import { afterReady, passwordPrompt } from '../shell/root-shell.ts'
import type { NoShell } from '../shell/sudo-failures.ts'
import type { RunResult, SshTarget } from '../transport.ts'
import { Output } from './output.ts'

export type Ended =
  | { readonly kind: 'ran'; readonly result: RunResult }
  /** Root's bash never started. */
  | ({ readonly kind: 'not-started' } & NoShell)

export interface Reception {
  /** Resolves when root's bash reads stdin. Stays pending if that never happens. */
  readonly ready: Promise<void>
  /**
   * The exit status and all output. Rejects with the error of `onLine`, with `ssh-garbled` for more output than
   * allowed, and with `lost()` if the channel closes without a status. After a rejection nothing more is stored.
   */
  readonly ended: Promise<Ended>
}

export interface Listener {
  readonly target: SshTarget
  /** More than this on stdout or stderr ends the run. */
  readonly outputBytes: number
  readonly onLine: ((line: string) => void) | undefined
  /** Called for each packet. */
  readonly active: () => void
  /** Sent once, when sudo asks. If it asks again, stdin is closed. */
  readonly password: string | undefined
  readonly lost: () => Error
}

/** Listens to a channel on which a root shell's command runs, until it closes. */
export function receive(channel: ClientChannel, listener: Listener): Reception {
  const { target, outputBytes, onLine, active, password, lost } = listener
  const ready = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<Ended>()
  const stdout = new Output(outputBytes)
  const stderr = new Output(outputBytes)
  let lineCount = 0
  const lines = onLine === undefined ? undefined : lineSplitter(countedLine(onLine))
  const prompts = promptCounter()
  let started = false
  let noise = 0
  let exitCode: number | undefined
  let over = false

  const shell = afterReady(
    () => {
      started = true
      ready.resolve()
    },
    (bytes) => {
      if (!stdout.push(bytes)) throw tooMuch('stdout')
      lines?.push(bytes)
    },
  )
  function tooMuch(where: string): Error {
    return garbled(target, `more than ${outputBytes} bytes on ${where}`)
  }
  function countedLine(next: (line: string) => void): (line: string) => void {
    return (line) => {
      lineCount++
      if (lineCount > MOST_LINES) throw garbled(target, `more than ${MOST_LINES} lines of progress`)
      next(line)
    }
  }
  const said = () => (password === undefined ? stderr.text() : stderr.text().replaceAll(passwordPrompt, ''))
  // the data of a host, or an error of the caller's onLine, ends the run and not the process; from then on nothing is
  // stored
  const guarded = (listen: () => void) => {
    if (over) return
    try {
      listen()
    } catch (error) {
      over = true
      ended.reject(error)
    }
  }

  channel.on('data', (bytes: Buffer) =>
    guarded(() => {
      active()
      if (!started) {
        noise += bytes.length
        if (noise > outputBytes) throw tooMuch('stdout before its root shell was there')
      }
      shell.push(bytes)
    }),
  )
  channel.stderr.on('data', (bytes: Buffer) =>
    guarded(() => {
      active()
      if (!stderr.push(bytes)) throw tooMuch('stderr')
      if (password === undefined || started) return
      const before = prompts.count
      prompts.push(bytes)
      if (before === 0 && prompts.count > 0) channel.write(`${password}\n`)
      if (prompts.count > 1) channel.end()
    }),
  )
  channel.on('exit', (code: number | null, signal?: string) => {
    exitCode = code ?? 128 + signalNumber(signal)
  })
  // writes after the host has closed the channel fail here, and so does data of a host after the end of its stream; the
  // code below reports that it closed
  channel.on('error', () => undefined)
  channel.stderr.on('error', () => undefined)
  const closed = new Promise((resolve) => channel.once('close', resolve))
  const drained = new Promise((resolve) => channel.stderr.once('end', resolve).once('error', resolve))
  Promise.all([closed, drained]).then(() =>
    guarded(() => {
      if (exitCode === undefined) throw lost()
      if (!started) {
        const { count } = prompts
        ended.resolve({ kind: 'not-started', askedAgain: count > 1, exitCode, stderr: said(), noise: shell.noise() })
        return
      }
      lines?.end()
      ended.resolve({ kind: 'ran', result: { exitCode, stdout: stdout.text(), stderr: said() } })
    }),
  )
  // if a run was cancelled while its channel opened, nothing needs its end any more
  ended.promise.catch(() => undefined)
  return { ready: ready.promise, ended: ended.promise }
}

/** How often sudo has asked, however the packets are split. */
function promptCounter(): { readonly count: number; push(bytes: Buffer): void } {
  let count = 0
  let rest = ''
  return {
    get count() {
      return count
    },
    push(bytes) {
      const parts = (rest + bytes.toString('latin1')).split(passwordPrompt)
      count += parts.length - 1
      rest = (parts.at(-1) ?? '').slice(1 - passwordPrompt.length)
    },
  }
}

function signalNumber(name: string | undefined): number {
  return Object.entries(constants.signals).find(([known]) => known === name)?.[1] ?? 0
}
