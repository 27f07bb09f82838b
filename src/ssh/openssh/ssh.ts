import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { hasCode, KeelError } from '../../errors.ts'
import type { SshTarget } from '../transport.ts'
import { CONNECTED, knownHost, type SshSession, sshArguments } from './arguments.ts'

export interface Attached extends Omit<SshSession, 'knownHosts'> {
  /**
   * Gets each line of stdout and stderr, and nothing is on stdin. While its promise is pending, the host waits. Without
   * it, all three are this process's own.
   */
  readonly onLine?: (line: string, from: 'stdout' | 'stderr') => void | Promise<void>
  readonly signal?: AbortSignal
}

/**
 * Runs OpenSSH's client to a host: for what needs a terminal, or ends only when its user says so. The host must show
 * its key of the inventory.
 * @returns the exit status of what ran on the host, or 255 where ssh was cut off; undefined where ssh could not connect,
 * and has said why. ssh itself has 255 for all three.
 * @throws KeelError `no-ssh` where this machine has no ssh; the reason of an aborted `signal`
 */
export async function attach(target: SshTarget, { onLine, signal, ...session }: Attached): Promise<number | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'keel-ssh-'))
  try {
    const knownHosts = join(folder, 'known_hosts')
    await writeFile(knownHosts, knownHost(target), { mode: 0o600 })
    const connected = join(folder, 'connected')
    const argv = sshArguments(target, { ...session, knownHosts })
    const status = (result: Ended) => statusOf(result, existsSync(connected), signal)
    const options = {
      reject: false,
      env: { [CONNECTED]: connected },
      ...(signal === undefined ? {} : { cancelSignal: signal }),
    }
    if (onLine === undefined) return status(await execa('ssh', argv, { ...options, stdio: 'inherit' }))
    const child = execa('ssh', argv, { ...options, stdin: 'ignore', buffer: false })
    const take = async (line: string, from: 'stdout' | 'stderr') => {
      try {
        await onLine(line, from)
      } catch (error) {
        // here, because the loop below ends only after ssh, and a host may print nothing more for hours
        child.kill()
        throw error
      }
    }
    await Promise.all(
      (['stdout', 'stderr'] as const).map(async (from) => {
        for await (const line of child.iterable({ from })) await take(line, from)
      }),
    )
    return status(await child)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface Ended {
  readonly exitCode?: number
  readonly cause?: unknown
}

function statusOf(
  { exitCode = 255, cause }: Ended,
  connected: boolean,
  signal: AbortSignal | undefined,
): number | undefined {
  signal?.throwIfAborted()
  if (!hasCode(cause, 'ENOENT')) return exitCode === 255 && !connected ? undefined : exitCode
  throw new KeelError({
    code: 'no-ssh',
    found: 'no program ssh on this machine',
    why: 'keel uses the client of OpenSSH where a terminal is needed',
    todo: 'install openssh-client',
  })
}
