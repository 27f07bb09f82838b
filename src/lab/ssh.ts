import { execa } from 'execa'
import { hostOf, readLab } from './description.ts'
import { labPaths } from './state.ts'

/**
 * Runs OpenSSH's client to a host of the lab on this terminal, with the key of the lab and its known host keys.
 * @returns the exit status of ssh: the one of the command, or 255
 */
export async function sshToHost(
  lab: string,
  name: string,
  command: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  const description = await readLab(lab, env)
  const { address } = hostOf(description, name)
  const options = [
    'BatchMode=yes',
    'IdentitiesOnly=yes',
    'StrictHostKeyChecking=yes',
    `UserKnownHostsFile=${labPaths(env, lab).knownHosts}`,
    'LogLevel=ERROR',
  ]
  const argv = [
    ...options.flatMap((option) => ['-o', option]),
    '-F',
    'none',
    '-i',
    description.identity,
    address,
    '--',
    ...command,
  ]
  const ended = await execa('ssh', argv, { stdio: 'inherit', reject: false })
  return ended.exitCode ?? 255
}
