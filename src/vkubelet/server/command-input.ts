import type { RunningCommand } from '../host/run-in-container.ts'
import type { CommandEvent } from '../remote-command/command-session.ts'
import type { TerminalSize } from '../remote-command/terminal-size.ts'
import { holdUntilDrained } from './hold-until-drained.ts'
import type { StreamConnection } from './stream-connection.ts'

/**
 * What a client sends to its command. The command takes a moment to begin; until then nothing more is read, and what has
 * come already waits here.
 */
export class CommandInput {
  readonly #connection: Pick<StreamConnection, 'hold'>
  #command: RunningCommand | undefined
  #early: Buffer[] = []
  #letGo: (() => void) | undefined
  #size: TerminalSize | undefined
  #isGone = false
  #hasEnded = false

  constructor(connection: Pick<StreamConnection, 'hold'>) {
    this.#connection = connection
  }

  take(event: Exclude<CommandEvent, { kind: 'start' }>): void {
    switch (event.kind) {
      case 'stdin':
        this.#write(event.bytes)
        return
      case 'stdin-ended':
        this.#hasEnded = true
        this.#command?.stdin?.end()
        return
      case 'resize':
        this.#size = event.size
        // a terminal that is gone meanwhile has no size
        this.#command?.resize(event.size).catch(() => undefined)
        return
      case 'gone':
        this.#isGone = true
        this.#command?.end()
    }
  }

  attach(command: RunningCommand): void {
    this.#command = command
    if (this.#isGone) command.end()
    if (this.#size !== undefined) command.resize(this.#size).catch(() => undefined)
    for (const bytes of this.#early.splice(0)) this.#write(bytes)
    if (this.#hasEnded) command.stdin?.end()
    this.#letGo?.()
  }

  /** There is no command: what has come for it is nobody's. */
  discard(): void {
    this.#early = []
    this.#letGo?.()
  }

  #write(bytes: Buffer): void {
    if (this.#command === undefined) {
      this.#early.push(bytes)
      this.#letGo ??= this.#connection.hold()
      return
    }
    const { stdin } = this.#command
    if (stdin === undefined || stdin.destroyed || stdin.write(bytes)) return
    holdUntilDrained(this.#connection, stdin)
  }
}
