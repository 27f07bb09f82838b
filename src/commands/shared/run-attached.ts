import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import { targetOf } from '../../fleet/target-of.ts'
import type { Host } from '../../model/cluster.ts'
import { defaultFiles } from '../../ssh/keys/key-ring.ts'
import { rootCommand } from '../../ssh/openssh/root-command.ts'
import { type Attached, attach } from '../../ssh/openssh/ssh.ts'
import { watchScript } from '../../ssh/watched-transport.ts'
import type { Io } from './command.ts'
import { type ConnectInput, sshIdentities } from './connector.ts'
import { scriptWatcher } from './script-watcher.ts'

interface Program {
  /** For root's bash, with a name for `-v` and `--log`; undefined: the login user's own shell. */
  readonly script?: { readonly name: string; readonly text: string }
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
  const run = async () =>
    attach(target, {
      ...more,
      signal: signal ?? io.signal,
      identities: [...(await sshIdentities(input, io)), ...elsewhere(io)],
      terminal: interactive && io.stdin.isTTY === true && io.stdout.isTTY === true,
      ...(script === undefined ? {} : { command: rootCommand(target.address, script.text, io.env.TERM) }),
    })
  if (script === undefined || !io.run.followsScripts) return run()
  return watchScript(scriptWatcher(io), { host: host.name, script: script.name, text: script.text }, run, (status) =>
    // which of the reasons, ssh has told the user alone
    status === undefined ? { fault: 'ssh-unreachable' } : { status },
  )
}

/** ssh looks for keys in the home of the password file, keel in that of the environment. */
function elsewhere({ env }: Io): readonly string[] {
  if (env.HOME === undefined || env.HOME === userInfo().homedir) return []
  return defaultFiles(env.HOME).filter((file) => existsSync(file))
}
