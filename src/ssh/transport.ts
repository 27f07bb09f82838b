import type { SshPublicKey } from '../model/brands.ts'
import type { SshAddress } from '../model/cluster.ts'

/** A host to reach, and the one key it may show. */
export interface SshTarget {
  /** The host's name in the inventory: what messages call it. */
  readonly name: string
  readonly address: SshAddress
  readonly hostKey: SshPublicKey
}

/**
 * One authenticated connection to a host; commands run as root (through sudo where the login user is another). Nothing
 * here names ssh2: OpenSSH's own client (ControlMaster) is to be a second implementation, for what ssh2 lacks: FIDO
 * keys, user certificates, ~/.ssh/config.
 */
export interface Transport {
  readonly target: SshTarget
  /**
   * Runs a script with bash on the host, as root, under LC_ALL=C. The script travels on stdin, never in argv; bash has
   * parsed all of it before its first command runs. `input` is what the script reads from its own stdin, no byte more
   * or less. A script that fails is no error here: see `exitCode`.
   * @throws KeelError `ssh-lost` (exit 6) when the connection goes away first, `ssh-timeout` (exit 6) after `timeoutMs`
   * of silence or `totalMs`, `ssh-garbled` (exit 6) for an answer that is too long, `ssh-sessions` (exit 6) when sshd
   * opens no session, `no-shell` (exit 1) when the host runs no bash for us, and `sudo-…` (exit 1: it is the right
   * host, and it answers, but gives this user no root). What `input` or `onLine` throw, and the reason of an aborted
   * `signal`, come out as they are. After any error the connection is closed; as with a connection that breaks, what
   * runs on the host sees end-of-file and goes on: a script that may hang needs a `timeout` of its own.
   */
  run(script: string, options?: RunOptions): Promise<RunResult>
  /** Ends the connection; never throws. */
  close(): Promise<void>
}

export interface RunOptions {
  /**
   * Sent with backpressure. A script sees end-of-file also where a connection broke or `input` threw half-way: it must
   * check by length or hash that it has everything before it acts on it.
   */
  readonly input?: Uint8Array | AsyncIterable<Uint8Array>
  /**
   * Milliseconds without a byte of this run in either direction after which the connection counts as lost. Default
   * 60,000. Keepalives don't count: they find a dead connection much sooner, this limit finds a script that hangs.
   */
  readonly timeoutMs?: number
  /**
   * Milliseconds for the whole run: a host that sends a byte now and then can't hold keel for longer. Default 180,000,
   * or twice `timeoutMs` where that is more.
   */
  readonly totalMs?: number
  /** Bytes that the host may print on stdout, and as many on stderr. Default 4 MiB. */
  readonly outputBytes?: number
  /**
   * Called with each whole line of stdout as it arrives, without its newline; at the end with what was after the last
   * newline. For 10,000 lines at most.
   */
  readonly onLine?: (line: string) => void
  readonly signal?: AbortSignal
}

export interface RunResult {
  /** The script's exit status; 128 + n when a signal ended it. */
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}
