import type { Connection } from './connection.ts'
import { exchange, type Request } from './exchange.ts'
import type { Ended } from './receive.ts'
import { commands, frameScript } from './root-shell.ts'
import { needsPassword, noBash, sudoFailure } from './sudo-failures.ts'
import type { RunOptions, RunResult, SshTarget, Transport } from './transport.ts'

/** How the login user becomes root. A user other than root finds out at the first run: `unknown` until then. */
type Access = { readonly kind: 'root' | 'unknown' | 'sudo' } | { readonly kind: 'password'; readonly password: string }

export type AskPassword = (target: SshTarget) => Promise<string | undefined>

/** A `Transport` over an ssh2 client that is logged in. */
export class Ssh2Transport implements Transport {
  readonly target: SshTarget
  readonly #connection: Connection
  readonly #askPassword: AskPassword
  #access: Access

  constructor(connection: Connection, askPassword: AskPassword) {
    this.target = connection.target
    this.#connection = connection
    this.#askPassword = askPassword
    this.#access = { kind: connection.target.address.user === 'root' ? 'root' : 'unknown' }
  }

  async run(script: string, options: RunOptions = {}): Promise<RunResult> {
    options.signal?.throwIfAborted()
    const frame = frameScript(script)
    try {
      return await this.#runAs(this.#access, frame, options)
    } catch (error) {
      await this.close()
      throw error
    }
  }

  close(): Promise<void> {
    return this.#connection.close()
  }

  async #runAs(access: Access, frame: Buffer, options: RunOptions): Promise<RunResult> {
    const ended = await exchange(this.#connection, requestFor(access, frame), options)
    if (ended.kind === 'ran') {
      this.#access = access.kind === 'unknown' ? { kind: 'sudo' } : access
      return ended.result
    }
    if (access.kind === 'root') throw noBash(this.target, ended)
    // only at first: later part of the input may be gone
    if (access.kind === 'unknown' && needsPassword(ended)) return this.#runAs(await this.#withPassword(ended), frame, options)
    throw sudoFailure(this.target, ended)
  }

  async #withPassword(ended: Ended & { kind: 'not-started' }): Promise<Access> {
    const password = await this.#askPassword(this.target)
    if (password === undefined) throw sudoFailure(this.target, ended)
    return { kind: 'password', password }
  }
}

function requestFor(access: Access, frame: Buffer): Request {
  switch (access.kind) {
    case 'root':
      return { command: commands.root, frame }
    case 'sudo':
      return { command: commands.sudo, frame }
    case 'unknown':
      return { command: commands.sudo, frame, holdInput: true }
    case 'password':
      return { command: commands.sudoWithPassword, frame, password: access.password }
  }
}
