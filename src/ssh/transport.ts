import type { SshPublicKey } from '../model/brands.ts'
import type { SshAddress } from '../model/cluster.ts'

/** A host to reach, and the one key it may show. */
export interface SshTarget {
  /** The host's name in the inventory: what messages call it. */
  readonly name: string
  readonly address: SshAddress
  readonly hostKey: SshPublicKey
}

/** One authenticated connection to a host; commands run as root (through sudo where the login user is another). */
export interface Transport {
  readonly target: SshTarget
  /**
   * Runs a script with bash on the host, as root. The script travels on stdin, never in argv; `input` follows it and is what the script reads
   * from its own stdin.
   * @throws KeelError `ssh-lost` (exit 6) when the connection goes away first, `ssh-timeout` (exit 6) after `timeoutMs` of silence.
   */
  run(script: string, options?: RunOptions): Promise<RunResult>
  /** Ends the connection; never throws. */
  close(): Promise<void>
}

export interface RunOptions {
  readonly input?: Uint8Array | AsyncIterable<Uint8Array>
  /** Milliseconds without a byte in either direction after which the connection counts as lost. Default 60,000. */
  readonly timeoutMs?: number
  /** Called with each whole line of stdout as it arrives, without its newline. */
  readonly onLine?: (line: string) => void
  readonly signal?: AbortSignal
}

export interface RunResult {
  /** The script's exit status; 128 + n when a signal ended it. */
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}
