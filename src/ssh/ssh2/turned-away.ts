import { setTimeout as sleep } from 'node:timers/promises'
import { turnedAway } from '../failures.ts'
import type { SshTarget } from '../transport.ts'

/**
 * A connection that was accepted, and closed before the server identified itself as an SSH server. `said`: its text, if
 * it sent any.
 */
export class TurnedAway extends Error {
  readonly said: string

  constructor(said: string) {
    super(`closed before its banner: ${said}`)
    this.said = said
  }
}

/** Milliseconds between attempts. They grow, so that other clients also get a turn. */
const pauses = [250, 500, 1000, 2000, 4000]

/** sshd's own texts, since 8.8 and 9.8. Earlier versions sent none. Any other text comes from another service. */
const mayPass = /^$|MaxStartups|Not allowed at this time/

/**
 * Tries `attempt` again if sshd refuses connections for a moment.
 * @throws KeelError `ssh-handshake` if it continues to do so; other errors of `attempt`; the reason of `signal`, with
 * what was learnt until then
 */
export async function whileTurnedAway<Result>(
  peer: Pick<SshTarget, 'name' | 'address'>,
  limit: { readonly signal: AbortSignal; because(reason: unknown): void },
  attempt: () => Promise<Result>,
): Promise<Result> {
  for (const pause of [...pauses, undefined]) {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof TurnedAway)) throw error
      const fault = turnedAway(peer, error.said)
      if (pause === undefined || !mayPass.test(error.said)) throw fault
      limit.because(fault)
      await sleep(pause, undefined, { signal: limit.signal }).catch(() => limit.signal.throwIfAborted())
    }
  }
  throw new Error('unreachable: the last attempt returns or throws')
}
