import type { ClientChannel } from 'ssh2'
import { silent, tooSlow } from '../failures.ts'
import { limitsOf } from '../limits.ts'
import type { RunOptions } from '../transport.ts'
import type { Connection } from './connection.ts'
import { openChannel } from './open-channel.ts'
import { type Ended, receive } from './receive.ts'
import { write, writeAll } from './send.ts'

export interface Request {
  readonly command: string
  readonly frame: Uint8Array
  /**
   * Sends no byte of the frame or the input before root's bash is there. sudo may still fail, or a .bashrc may have
   * started another shell, which would read the script as commands. Costs a round trip.
   */
  readonly hold?: boolean
  /** Answers sudo's prompt, once; implies `hold`. */
  readonly password?: string
}

/**
 * One exec on a connection, from opening its channel to its exit status.
 * @throws KeelError `ssh-lost`, `ssh-timeout`, `ssh-garbled`, `ssh-sessions`; the errors of `input` and `onLine`; the
 * reason of an aborted `signal`
 */
export async function exchange(connection: Connection, request: Request, options: RunOptions): Promise<Ended> {
  const { signal, onLine } = options
  const { target } = connection
  const { silenceMs, totalMs, outputBytes } = limitsOf(options)
  const stopped = Promise.withResolvers<never>()
  /** Over: nobody waits for a channel any more. */
  const given = new AbortController()
  const silence = setTimeout(() => stopped.reject(silent(target, silenceMs)), silenceMs)
  const total = setTimeout(() => stopped.reject(tooSlow(target, totalMs)), totalMs)
  const active = () => void silence.refresh()
  const aborted = () => stopped.reject(signal?.reason)
  signal?.addEventListener('abort', aborted, { once: true })
  try {
    const listener = { target, outputBytes, onLine, active, password: request.password, lost: () => connection.lost() }
    const onOpen = (channel: ClientChannel) => ({ channel, ...receive(channel, listener) })
    const opened = openChannel(connection, request.command, onOpen, { signal: given.signal, active })
    const { channel, ready, ended } = await Promise.race([opened, stopped.promise])
    const sent = send(connection, channel, request, options.input, ready, active)
    return await Promise.race([ended, sent.then(() => ended), stopped.promise])
  } finally {
    given.abort()
    clearTimeout(silence)
    clearTimeout(total)
    signal?.removeEventListener('abort', aborted)
  }
}

async function send(
  connection: Connection,
  channel: ClientChannel,
  { command, frame, hold = false, password }: Request,
  input: RunOptions['input'],
  ready: Promise<void>,
  active: () => void,
): Promise<void> {
  if (password !== undefined) await ready
  else if (hold) await readyOrAskedAgain(connection, channel, command, ready)
  await write(channel, frame, active)
  if (input !== undefined) await writeAll(channel, input, active)
  channel.end()
}

/** Milliseconds after which keel sends the command once more. */
const PATIENCE_MS = 3000

/**
 * If a .bashrc starts another shell (`exec fish`), the command is lost, and that shell reads commands from stdin. So
 * keel sends the same command there. It contains no data, and root's bash ignores it. keel never does this if sudo asks
 * on stdin.
 */
async function readyOrAskedAgain(
  connection: Connection,
  channel: ClientChannel,
  command: string,
  ready: Promise<void>,
): Promise<void> {
  const ask = () => void channel.write(`${command}\n`)
  if (connection.readsCommands) ask()
  else {
    const timer = setTimeout(() => {
      connection.readsCommands = true
      ask()
    }, PATIENCE_MS)
    ready.finally(() => clearTimeout(timer))
    channel.once('close', () => clearTimeout(timer))
  }
  await ready
}
