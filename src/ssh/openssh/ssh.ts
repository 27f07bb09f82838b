import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { hasCode, KeelError } from '../../errors.ts'
import type { SshTarget } from '../transport.ts'
import { knownHost, type SshSession, sshArguments } from './arguments.ts'

export interface Attached extends Omit<SshSession, 'knownHosts'> {
  /** Gets each line of stdout and stderr; without it both are this process's own. */
  readonly onLine?: (line: string, from: 'stdout' | 'stderr') => void
  readonly signal?: AbortSignal
}

/** ssh(1): "exits with the exit status of the remote command or with 255 if an error occurred." */
export const NO_CONNECTION = 255

/**
 * Runs OpenSSH's client to a host, with this process's stdin: for what needs a terminal, or ends only when its user
 * says so. The host must show its key of the inventory.
 * @returns the exit status of what ran on the host; 255 where ssh could not connect, or was cut off, and has said why
 * @throws KeelError `no-ssh` where this machine has no ssh; the reason of an aborted `signal`
 */
export async function attach(target: SshTarget, { onLine, signal, ...session }: Attached): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'keel-ssh-'))
  try {
    const knownHosts = join(folder, 'known_hosts')
    await writeFile(knownHosts, knownHost(target), { mode: 0o600 })
    const argv = sshArguments(target, { ...session, knownHosts })
    const cancel = signal === undefined ? {} : { cancelSignal: signal }
    if (onLine === undefined) return status(await execa('ssh', argv, { stdio: 'inherit', reject: false, ...cancel }), signal)
    const child = execa('ssh', argv, { stdin: 'inherit', reject: false, buffer: false, ...cancel })
    await Promise.all(
      (['stdout', 'stderr'] as const).map(async (from) => {
        for await (const line of child.iterable({ from })) onLine(line, from)
      }),
    ).catch((error: unknown) => {
      child.kill()
      throw error
    })
    return status(await child, signal)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function status({ exitCode, cause }: { exitCode?: number; cause?: unknown }, signal: AbortSignal | undefined): number {
  signal?.throwIfAborted()
  if (!hasCode(cause, 'ENOENT')) return exitCode ?? NO_CONNECTION
  throw new KeelError({
    code: 'no-ssh',
    found: 'no program ssh on this machine',
    why: 'keel uses the client of OpenSSH where a terminal is needed',
    todo: 'install openssh-client',
  })
}
