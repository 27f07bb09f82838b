import { commands, frameScript } from '../shell/root-shell.ts'
import { isOtherShell, needsPassword, noBash, sudoFailure } from '../shell/sudo-failures.ts'
import type { RunOptions, RunResult, SshTarget, Transport } from '../transport.ts'
import type { Connection } from './connection.ts'
import { exchange, type Request } from './exchange.ts'
import type { Ended } from './receive.ts'

/**
 * How the login user becomes root. `first`: no run has started a root shell yet. The first run also finds out how a
 * user other than root becomes root.
 */
type Access =
  | { readonly kind: 'root' | 'sudo'; readonly first: boolean }
  | { readonly kind: 'password'; readonly password: string }

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
    this.#access = { kind: connection.target.address.user === 'root' ? 'root' : 'sudo', first: true }
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
      // if another shell reads the commands, it does so each time
      this.#access = access.kind === 'password' ? access : { kind: access.kind, first: this.#connection.readsCommands }
      return ended.result
    }
    if (access.kind === 'root' || isOtherShell(ended)) throw noBash(this.target, ended)
    // only the first time, because a later part of the input may already be used up
    if (access.kind === 'sudo' && access.first && needsPassword(ended))
      return this.#runAs(await this.#withPassword(ended), frame, options)
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
    case 'sudo':
      return { command: commands[access.kind], frame, hold: access.first }
    case 'password':
      return { command: commands.sudoWithPassword, frame, password: access.password }
  }
}
