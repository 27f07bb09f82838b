import { ExitCode, KeelError } from '../../errors.ts'
import type { SshPublicKey } from '../../model/brands.ts'
import type { SshAddress } from '../../model/cluster.ts'
import { fingerprint, parseSshPublicKey } from '../../model/keys/ssh-key.ts'
import { scanHostKeys } from '../../ssh/scan-host-keys.ts'
import type { Io } from './command.ts'

export interface KeyQuestion {
  readonly host: string
  readonly address: SshAddress
  readonly given?: string
  readonly yes: boolean
  /** Milliseconds for the machine to show its key. */
  readonly timeoutMs?: number
}

/**
 * The key by which keel knows a new host from now on: the given one, else the one that it shows, if a person confirms
 * that it is the machine's own.
 * @throws KeelError `host-key-unknown` (exit 2) if there is nobody to confirm it; `host-key-declined` (exit 1) if the
 * person does not confirm it
 */
export async function trustedHostKey(
  { host, address, given, yes, timeoutMs }: KeyQuestion,
  io: Io,
): Promise<SshPublicKey> {
  if (given !== undefined) return parseSshPublicKey(given)
  const [shown] = await scanHostKeys(address, { signal: io.signal, ...(timeoutMs === undefined ? {} : { timeoutMs }) })
  if (shown === undefined)
    throw new KeelError({
      code: 'host-key-none',
      at: host,
      found: 'no ssh-ed25519 or ssh-rsa host key',
      exit: ExitCode.Unreachable,
    })
  const found = `${host} at ${address.host} shows ${shown.split(' ')[0]} ${fingerprint(shown)}`
  const refused = {
    at: host,
    found,
    why: 'any machine could answer at this address',
    todo: `compare it with \`ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub\` on the machine's console, then give --host-key '${shown}'`,
  }
  if (yes) throw new KeelError({ code: 'host-key-unknown', ...refused, exit: ExitCode.Usage })
  io.note(
    `${found}\nCompare it with the output of this command on the machine's console: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub`,
  )
  const answer = await io.ask('Is it the same? (yes/no) ')
  if (answer === undefined) throw new KeelError({ code: 'host-key-unknown', ...refused, exit: ExitCode.Usage })
  if (answer.trim().toLowerCase() !== 'yes')
    throw new KeelError({
      code: 'host-key-declined',
      at: host,
      found: 'the key was not confirmed; nothing was changed',
    })
  return shown
}
