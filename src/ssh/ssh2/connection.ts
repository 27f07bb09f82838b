import type { Client } from 'ssh2'
import type { KeelError } from '../../errors.ts'
import { lost } from '../failures.ts'
import type { SshTarget } from '../transport.ts'

/** Milliseconds in which ssh2 can send our disconnect before the socket is closed. */
const farewell = 500

/**
 * An ssh2 client, and what ended it. It is made before the client connects, so that it does not miss an end right after
 * the login.
 */
export class Connection {
  readonly target: SshTarget
  readonly client: Client
  /** The channels that keel has open now. */
  channels = 0
  /** Its login shell reads commands from stdin, so it is not the shell that sshd started. */
  readsCommands = false
  readonly #closed: Promise<void>
  #cause: Error | undefined

  constructor(client: Client, target: SshTarget) {
    this.client = client
    this.target = target
    client.on('error', (error) => {
      // during the login, an agent that does not sign is not an error
      if (error.level !== 'agent') this.#cause ??= error
    })
    this.#closed = new Promise((resolve) => client.once('close', () => resolve()))
  }

  lost(cause: unknown = this.#cause): KeelError {
    return lost(this.target, cause)
  }

  async close(): Promise<void> {
    this.client.end()
    const timer = setTimeout(() => this.client.destroy(), farewell)
    await this.#closed
    clearTimeout(timer)
  }
}
