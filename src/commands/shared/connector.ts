import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Connect } from '../../fleet/connect.ts'
import type { Cluster } from '../../model/cluster.ts'
import { connect } from '../../ssh/connect.ts'
import { loadKeyRing } from '../../ssh/keys/key-ring.ts'
import { sudoPasswords } from '../../ssh/shell/sudo-passwords.ts'
import { watched } from '../../ssh/watched-transport.ts'
import { IDENTITY_FILE, type Io, identity, type OptionSpec } from './command.ts'
import { scriptWatcher } from './script-watcher.ts'

export interface ConnectInput {
  readonly identity?: readonly string[]
}

/** The options of every verb that reaches hosts. */
export const connectOptions: readonly OptionSpec[] = [
  { ...identity, summary: `private key to log in with, and to decrypt secrets: ${IDENTITY_FILE}` },
]

/** How this command line reaches hosts. It reads keys once, and asks for each password once. */
export async function connector(
  input: ConnectInput,
  { admins, hosts }: Pick<Cluster, 'admins' | 'hosts'>,
  io: Pick<Io, 'cwd' | 'env' | 'ask' | 'signal' | 'run' | 'note'>,
): Promise<Connect> {
  const named = await sshIdentities(input, io)
  const keys = await loadKeyRing({
    env: io.env,
    ask: io.ask,
    signal: io.signal,
    admins: admins.map(({ key }) => key),
    ...(named.length > 0 ? { identities: named } : {}),
  })
  const password = sudoPasswords(io, hosts)
  return async (target, signal = io.signal) => {
    const transport = await connect(target, { keys, password, signal })
    return io.run.followsScripts ? watched(transport, scriptWatcher(io)) : transport
  }
}

/**
 * `--identity` names keys that decrypt. An OpenSSH key among them also logs in; an age identity file can't.
 * @returns absolute paths
 */
export async function sshIdentities(input: ConnectInput, io: Pick<Io, 'cwd'>): Promise<readonly string[]> {
  const files = (input.identity ?? []).map((file) => resolve(io.cwd, file))
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')))
  return files.filter((_file, index) => texts[index]?.startsWith('-----BEGIN'))
}
