import { constants } from 'node:os'
import type { ClientChannel } from 'ssh2'
import { lineSplitter } from './lines.ts'
import { afterReady, passwordPrompt } from './root-shell.ts'
import type { NoShell } from './sudo-failures.ts'
import type { RunResult } from './transport.ts'

export type Ended =
  | { readonly kind: 'ran'; readonly result: RunResult }
  /** Root's bash never came up. */
  | ({ readonly kind: 'not-started' } & NoShell)

export interface Reception {
  /** Root's bash is there, and the next byte on stdin is its. Stays pending where that never happens. */
  readonly ready: Promise<void>
  /** The exit status and all output. Rejects with what `onLine` throws, and with `lost()` where the channel closes without a status. */
  readonly ended: Promise<Ended>
}

export interface Listener {
  readonly onLine: ((line: string) => void) | undefined
  /** Called for each packet. */
  readonly active: () => void
  /** Given to sudo when it asks, once; asked again, it is told that there is no more. */
  readonly password: string | undefined
  readonly lost: () => Error
}

/** Listens to a channel on which a root shell's command runs, until it closes. */
export function receive(channel: ClientChannel, { onLine, active, password, lost }: Listener): Reception {
  const ready = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<Ended>()
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  const lines = onLine === undefined ? undefined : lineSplitter(onLine)
  let started = false
  let prompts = 0
  let exitCode: number | undefined

  const shell = afterReady(
    () => {
      started = true
      ready.resolve()
    },
    (bytes) => {
      stdout.push(bytes)
      lines?.push(bytes)
    },
  )
  const text = (chunks: readonly Buffer[]) => Buffer.concat(chunks).toString()
  const said = () => (password === undefined ? text(stderr) : text(stderr).replaceAll(passwordPrompt, ''))
  // onLine is the caller's: what it throws ends the run, not the process
  const guarded = (listen: () => void) => {
    try {
      listen()
    } catch (error) {
      ended.reject(error)
    }
  }

  channel.on('data', (bytes: Buffer) => {
    active()
    guarded(() => shell.push(bytes))
  })
  channel.stderr.on('data', (bytes: Buffer) => {
    active()
    stderr.push(bytes)
    if (password === undefined || started) return
    const asked = text(stderr).split(passwordPrompt).length - 1
    if (asked > prompts && prompts === 0) channel.write(`${password}\n`)
    if (asked > 1) channel.end()
    prompts = asked
  })
  channel.on('exit', (code: number | null, signal?: string) => {
    exitCode = code ?? 128 + signalNumber(signal)
  })
  // writes after the host's close fail here; that it closed is told below
  channel.on('error', () => undefined)
  const closed = new Promise((resolve) => channel.once('close', resolve))
  const drained = new Promise((resolve) => channel.stderr.once('end', resolve))
  Promise.all([closed, drained]).then(() => {
    if (exitCode === undefined) ended.reject(lost())
    else if (!started)
      ended.resolve({ kind: 'not-started', askedAgain: prompts > 1, exitCode, stderr: said(), noise: shell.noise() })
    else {
      guarded(() => lines?.end())
      ended.resolve({ kind: 'ran', result: { exitCode, stdout: text(stdout), stderr: said() } })
    }
  })
  // a run given up while its channel was being opened asks for no end any more
  ended.promise.catch(() => undefined)
  return { ready: ready.promise, ended: ended.promise }
}

function signalNumber(name: string | undefined): number {
  return Object.entries(constants.signals).find(([known]) => known === name)?.[1] ?? 0
}
