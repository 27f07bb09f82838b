import ssh2, { type AgentAuthMethod, type ClientErrorExtensions } from 'ssh2'
import { KeelError } from '../errors.ts'
import { connectTimeout, hostKeyRefused, loginRefused, notSsh, socketFailure } from './failures.ts'
import { blobOf, isSameKey, typeOf } from './keys/host-key.ts'
import type { KeyRing } from './keys/key-ring.ts'
import { LoginAgent } from './keys/login-agent.ts'
import { scanHostKeys } from './scan-host-keys.ts'
import { algorithmsFor } from './ssh2/algorithms.ts'
import { Banner } from './ssh2/banner.ts'
import { Connection } from './ssh2/connection.ts'
import { openSocket } from './ssh2/open-socket.ts'
import { type AskPassword, Ssh2Transport } from './ssh2/ssh2-transport.ts'
import { TimeLimit } from './ssh2/time-limit.ts'
import { TurnedAway, whileTurnedAway } from './ssh2/turned-away.ts'
import type { SshTarget, Transport } from './transport.ts'

export interface ConnectOptions {
  /** From `loadKeyRing`, once for all hosts of a command. */
  readonly keys: KeyRing
  /**
   * The password of the login user for sudo. keel asks for it only after `sudo -n` has failed, once for each
   * connection. It never needs it for root. `undefined`: there is none.
   */
  readonly password?: AskPassword
  /** Milliseconds until the login is done, without the time that a person needs to answer. Default 15,000. */
  readonly connectTimeoutMs?: number
  /** Milliseconds between keepalives; after three without an answer the connection is lost. Default 15,000. */
  readonly keepAliveMs?: number
  /** Ends the connection attempt, not the connection. */
  readonly signal?: AbortSignal
}

/**
 * Opens a connection to a host that has proved that it owns the pinned key. Before that, keel sends nothing except its
 * half of the key exchange.
 * @throws KeelError, exit 6: `ssh-dns`, `ssh-refused`, `ssh-unreachable`, `ssh-timeout`, `ssh-handshake` (no SSH server
 * that keel can talk to), `ssh-host-key` (another host), `ssh-auth` (login refused); exit 2: `key-encrypted`,
 * `key-passphrase`. The unchanged reason of an aborted `signal`
 */
export async function connect(target: SshTarget, options: ConnectOptions): Promise<Transport> {
  const { connectTimeoutMs = 15_000 } = options
  const progress: Progress = { phase: 'connect' }
  using limit = new TimeLimit(
    connectTimeoutMs,
    () => connectTimeout(target, connectTimeoutMs, progress.phase),
    options.signal,
  )
  const connection = await whileTurnedAway(target, limit, () => logIn(target, options, limit, progress))
  return new Ssh2Transport(connection, options.password ?? noPassword)
}

interface Progress {
  phase: 'connect' | 'handshake' | 'login'
}

/** One attempt. @throws TurnedAway if no SSH server has identified itself */
async function logIn(
  target: SshTarget,
  { keys, connectTimeoutMs = 15_000, keepAliveMs = 15_000 }: ConnectOptions,
  limit: TimeLimit,
  progress: Progress,
): Promise<Connection> {
  progress.phase = 'connect'
  const socket = await openSocket(target, limit.signal)
  const client = new ssh2.Client()
  const connection = new Connection(client, target)
  const login = new LoginAgent(keys, limit)
  const byKey: AgentAuthMethod = { type: 'agent', username: target.address.user, agent: login }
  let shown: Buffer | undefined
  // like OpenSSH's client: the first answer lists the accepted methods, and does not count as a failed login
  let hasAsked = false
  let methods: readonly string[] | undefined
  progress.phase = 'handshake'
  try {
    await new Promise<void>((resolve, reject) => {
      limit.signal.addEventListener('abort', () => reject(limit.signal.reason), { once: true })
      const banner = new Banner(socket, () => reject(notSsh(target, new Error('64 KiB and no SSH banner among them'))))
      client.once('handshake', () => {
        progress.phase = 'login'
      })
      client.once('ready', resolve)
      const refused = (cause: Error) => {
        if (!banner.isServer) return new TurnedAway(banner.said)
        return progress.phase === 'login'
          ? loginRefused(target, login, { methods, problems: keys.problems, cause })
          : notSsh(target, cause)
      }
      client.once('close', () => reject(refused(new Error('the host closed the connection'))))
      client.on('error', (error: Error & ClientErrorExtensions) => {
        if (login.failure !== undefined) reject(login.failure)
        // if an agent does not sign, keel tries the next key
        else if (error.level === 'agent') return
        else if (shown !== undefined && !isSameKey(shown, target.hostKey)) reject(hostKeyRefused(target, shown))
        else reject(error.level === 'client-socket' && banner.isServer ? socketFailure(target, error) : refused(error))
      })
      client.connect({
        sock: socket,
        username: target.address.user,
        algorithms: algorithmsFor(typeOf(target.hostKey)),
        hostVerifier: (blob: Buffer) => {
          shown = blob
          return isSameKey(blob, target.hostKey)
        },
        authHandler: (left: readonly string[] | null) => {
          if (!hasAsked) {
            hasAsked = true
            return { type: 'none', username: target.address.user }
          }
          methods ??= left ?? undefined
          return login.left.length > 0 && methods?.includes('publickey') !== false ? byKey : false
        },
        // our own limit, which does not count while a person is asked
        readyTimeout: 0,
        keepaliveInterval: keepAliveMs,
        keepaliveCountMax: 3,
      })
    })
  } catch (error) {
    client.destroy()
    throw offersNoSuchKey(error) ? await keyOfAnotherType(target, connectTimeoutMs) : error
  }
  return connection
}

const noPassword: AskPassword = async () => undefined

/** ssh2 distinguishes this fault only by its text. */
function offersNoSuchKey(error: unknown): boolean {
  return (
    error instanceof KeelError &&
    error.cause instanceof Error &&
    /no matching host key format/.test(error.cause.message)
  )
}

/** The host has no key of the pinned type. This finds out which type it has, so that the message can name it. */
async function keyOfAnotherType(target: SshTarget, timeoutMs: number): Promise<KeelError> {
  const [key] = await scanHostKeys(target.address, { timeoutMs }).catch(() => [])
  return hostKeyRefused(target, key === undefined ? undefined : blobOf(key))
}
