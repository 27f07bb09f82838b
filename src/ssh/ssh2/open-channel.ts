import { setTimeout as sleep } from 'node:timers/promises'
import type { ClientChannel } from 'ssh2'
import { noSession, sessionsForbidden } from '../failures.ts'
import type { Connection } from './connection.ts'

/** Milliseconds between tries, about 5 s in all. */
const pauses = [20, 50, 100, 200, 400, 800, 1600, 2000]

/** RFC 4254 section 5.1: SSH_OPEN_ADMINISTRATIVELY_PROHIBITED. */
const PROHIBITED = 1

/** sshd did not open the channel, or refused the command on it. The connection stays open. */
class Refused extends Error {
  readonly isForGood: boolean

  constructor(message: string, isForGood: boolean) {
    super(message)
    this.isForGood = isForGood
  }
}

/**
 * A channel on which `command` runs. sshd counts a session until it has seen its end, so with a low MaxSessions the
 * next one may come a moment too early. keel tries a refused channel again while another run of ours continues, and for
 * a few seconds after it.
 * @param onOpen is called from ssh2's own callback, because a command that fails at once may have closed its channel
 * before a promise gets its turn
 * @throws KeelError `ssh-sessions`, `ssh-lost`; the reason of an aborted `signal`
 */
export async function openChannel<Opened>(
  connection: Connection,
  command: string,
  onOpen: (channel: ClientChannel) => Opened,
  { signal, active }: { readonly signal: AbortSignal; readonly active: () => void },
): Promise<Opened> {
  for (let tries = 0; ; ) {
    try {
      return await openOnce(connection, command, onOpen)
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      if (error.isForGood) throw sessionsForbidden(connection.target, error)
      active()
      // another channel of ours is open: wait until it ends, without a limit
      const pause = connection.channels > 0 ? 200 : pauses[tries++]
      if (pause === undefined) throw noSession(connection.target, error)
      await sleep(pause, undefined, { signal }).catch(() => signal.throwIfAborted())
    }
  }
}

function openOnce<Opened>(
  connection: Connection,
  command: string,
  onOpen: (channel: ClientChannel) => Opened,
): Promise<Opened> {
  return new Promise((resolve, reject) => {
    try {
      connection.client.exec(command, (error, channel) => {
        if (error) {
          reject(refusal(error) ?? connection.lost(error))
          return
        }
        connection.channels++
        channel.once('close', () => {
          connection.channels--
        })
        resolve(onOpen(channel))
      })
    } catch (error) {
      // ssh2 throws "Not connected" if the socket is already closed
      reject(connection.lost(error))
    }
  })
}

/**
 * From ssh2's error for a channel: the number of the reason if the host refused to open it, only a text if it refused
 * the command.
 */
function refusal(error: Error): Refused | undefined {
  const reason = 'reason' in error ? error.reason : undefined
  if (typeof reason === 'number')
    return new Refused(error.message.replace(/^\(SSH\) Channel open failure: /, ''), reason === PROHIBITED)
  return /^Unable to exec$/.test(error.message) ? new Refused('sshd refused the command', true) : undefined
}
