import ssh2 from 'ssh2'
import { ExitCode, KeelError } from '../errors.ts'
import type { SshPublicKey } from '../model/brands.ts'
import type { SshAddress } from '../model/cluster.ts'
import { connectTimeout, describeAddress, notSsh } from './failures.ts'
import { type HostKeyType, hostKeyTypes, publicLine } from './keys/host-key.ts'
import { algorithmsFor } from './ssh2/algorithms.ts'
import { Banner } from './ssh2/banner.ts'
import { openSocket } from './ssh2/open-socket.ts'
import { TimeLimit } from './ssh2/time-limit.ts'
import { TurnedAway, whileTurnedAway } from './ssh2/turned-away.ts'

export interface ScanOptions {
  /** Milliseconds for the whole scan. Default 10,000. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/**
 * The host keys of the machine that answers at `address`, ed25519 first. keel does not log in. This proves nothing: a
 * person compares the fingerprints, and the later connection proves that the host owns the chosen key.
 * @throws KeelError, exit 6: like `connect` for a host that can't be reached; `ssh-host-key-type` if it has neither an
 * ed25519 nor an RSA key
 */
export async function scanHostKeys(address: SshAddress, options: ScanOptions = {}): Promise<readonly SshPublicKey[]> {
  const { timeoutMs = 10_000 } = options
  const peer = { name: address.host, address }
  using limit = new TimeLimit(timeoutMs, () => connectTimeout(peer, timeoutMs, 'handshake'), options.signal)
  // one connection for each type, because a server shows only one key in each: the one of the requested type
  const keys = (
    await Promise.all(
      hostKeyTypes.map((type) => whileTurnedAway(peer, limit, () => shownKey(peer, type, limit.signal))),
    )
  ).filter((key) => key !== undefined)
  if (keys.length > 0) return keys
  throw new KeelError({
    code: 'ssh-host-key-type',
    at: address.host,
    found: `${describeAddress(address)}: the host has neither an ed25519 nor an RSA host key`,
    why: 'secrets can be encrypted to keys of these two types only',
    todo: '`ssh-keygen -A` on the host, then reload sshd',
    exit: ExitCode.Unreachable,
  })
}

/** `undefined`: the host has no key of that type. */
async function shownKey(
  peer: { readonly name: string; readonly address: SshAddress },
  type: HostKeyType,
  signal: AbortSignal,
): Promise<SshPublicKey | undefined> {
  const sock = await openSocket(peer, signal)
  const client = new ssh2.Client()
  try {
    return await new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      const banner = new Banner(sock, () => reject(notSsh(peer, new Error('64 KiB and no SSH banner among them'))))
      const refused = (cause: Error) => (banner.isServer ? notSsh(peer, cause) : new TurnedAway(banner.said))
      client.once('close', () => reject(refused(new Error('the host closed the connection'))))
      client.on('error', (error) => {
        if (/no matching host key format/.test(error.message)) resolve(undefined)
        else reject(refused(error))
      })
      client.connect({
        sock,
        username: peer.address.user,
        algorithms: algorithmsFor(type),
        hostVerifier: (blob: Buffer) => {
          resolve(publicLine(blob))
          return false
        },
        readyTimeout: 0,
      })
    })
  } finally {
    client.destroy()
  }
}
