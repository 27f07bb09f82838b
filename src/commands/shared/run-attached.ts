import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import { targetOf } from '../../fleet/target-of.ts'
import type { Host } from '../../model/cluster.ts'
import { defaultFiles } from '../../ssh/keys/key-ring.ts'
import { rootCommand } from '../../ssh/openssh/root-command.ts'
import { type Attached, attach } from '../../ssh/openssh/ssh.ts'
import type { Io } from './command.ts'
import { type ConnectInput, sshIdentities } from './connector.ts'

interface Program {
  /** For root's bash; undefined: the login user's own shell. */
  readonly script?: string
  /** False: it needs no terminal, even if there is one. */
  readonly interactive?: boolean
  readonly onLine?: NonNullable<Attached['onLine']>
  /** Ends it, besides a signal to keel. */
  readonly signal?: AbortSignal
  /** True: ssh asks for nothing on this terminal. */
  readonly asksNothing?: boolean
}

/** Runs a program on a host in keel's place. @returns its exit status; undefined without a connection */
export async function runAttached(
  host: Host,
  { script, interactive = true, signal, ...more }: Program,
  input: ConnectInput,
  io: Io,
): Promise<number | undefined> {
  const target = targetOf(host)
  return attach(target, {
    ...more,
    signal: signal ?? io.signal,
    identities: [...(await sshIdentities(input, io)), ...elsewhere(io)],
    terminal: interactive && io.stdin.isTTY === true && io.stdout.isTTY === true,
    ...(script === undefined ? {} : { command: rootCommand(target.address, script, io.env.TERM) }),
  })
}

/** ssh looks for keys in the home of the password file, keel in that of the environment. */
function elsewhere({ env }: Io): readonly string[] {
  if (env.HOME === undefined || env.HOME === userInfo().homedir) return []
  return defaultFiles(env.HOME).filter((file) => existsSync(file))
}
