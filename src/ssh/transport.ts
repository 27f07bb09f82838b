import type { SshPublicKey } from '../model/brands.ts'
import type { SshAddress } from '../model/cluster.ts'

/** A host to reach, and the one key that it may show. */
export interface SshTarget {
  /** The name of the host in the inventory, for messages. */
  readonly name: string
  readonly address: SshAddress
  readonly hostKey: SshPublicKey
}

/**
 * One authenticated connection to a host. Commands run as root (through sudo if the login user is another). Nothing
 * here names ssh2, so that OpenSSH's own client (ControlMaster) can be a second implementation, for what ssh2 does not
 * have: FIDO keys, user certificates, ~/.ssh/config.
 */
export interface Transport {
  readonly target: SshTarget
  /**
   * Runs a script with bash on the host, as root, under LC_ALL=C. The script travels on stdin, never in argv, and bash
   * has parsed all of it before its first command runs. The script reads exactly `input` from its own stdin. A script
   * that fails is not an error here: see `exitCode`.
   * @throws KeelError `ssh-lost` (exit 6) if the connection ends first, `ssh-timeout` (exit 6) after `timeoutMs` of
   * silence or after `totalMs`, `ssh-garbled` (exit 6) for an answer that is too long, `ssh-sessions` (exit 6) if sshd
   * opens no session, `no-shell` (exit 1) if the host runs no bash for us, and `sudo-…` (exit 1: it is the right host,
   * and it answers, but does not make this user root). The errors of `input` and `onLine`, and the reason of an aborted
   * `signal`, come out unchanged. After any error the connection is closed. As after a broken connection, the programs
   * on the host then see end-of-file and continue, so a script that may hang needs its own `timeout`.
   */
  run(script: string, options?: RunOptions): Promise<RunResult>
  /** Ends the connection; never throws. */
  close(): Promise<void>
}

export interface RunOptions {
  /** What the script does, for `-v` and `--log`: `facts`. */
  readonly name?: string
  /**
   * Sent with backpressure. A script also sees end-of-file if a connection broke or `input` threw half-way. So it must
   * check by length or hash that it has everything before it acts on it.
   */
  readonly input?: Uint8Array | AsyncIterable<Uint8Array>
  /**
   * Milliseconds without a byte of this run in either direction, after which the connection counts as lost. Default
   * 60,000. Keepalives do not count: they find a dead connection much sooner, and this limit finds a script that hangs.
   */
  readonly timeoutMs?: number
  /**
   * Milliseconds for the whole run, so that a host that sends a byte from time to time can't block keel for longer.
   * Default 180,000, or twice `timeoutMs` if that is more.
   */
  readonly totalMs?: number
  /** Bytes that the host may print on stdout, and the same number on stderr. Default 4 MiB. */
  readonly outputBytes?: number
  /**
   * Called with each complete line of stdout as it arrives, without its newline, and at the end with the text after the
   * last newline. For at most 10,000 lines.
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
