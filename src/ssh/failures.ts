import { ExitCode, KeelError } from '../errors.ts'
import type { SshAddress } from '../model/cluster.ts'
import { fingerprintOfBlob } from '../model/keys/ssh-key.ts'
import { blobOf, publicLine, typeOf } from './keys/host-key.ts'
import type { Identity } from './keys/identity-file.ts'
import type { SshTarget } from './transport.ts'

/** An address in the form of messages and inventories: `root@[::1]:2222`. The port is shown only if it is not 22. */
export function describeAddress({ user, host, port }: SshAddress): string {
  const name = host.includes(':') ? `[${host}]` : host
  return `${user}@${name}${port === 22 ? '' : `:${port}`}`
}

type Peer = Pick<SshTarget, 'name' | 'address'>

const unreachable = (
  { name, address }: Peer,
  code: string,
  found: string,
  why: string,
  todo: string,
  cause?: unknown,
) =>
  new KeelError({
    code,
    at: name,
    found: `${describeAddress(address)}: ${found}`,
    why,
    todo,
    exit: ExitCode.Unreachable,
    cause,
  })

/** Why a connection could not be made, for each error of connect(2). */
const noConnection: Readonly<Record<string, string>> = {
  EHOSTUNREACH: 'the network found no machine at that address, or a firewall refused the connection',
  ENETUNREACH: 'this machine has no route to that network (is the VPN up?)',
  ETIMEDOUT: 'nothing answered: the machine is off, or a firewall drops what is sent to it',
  ECONNRESET: 'the host, or a device in between, ended the connection',
  EPIPE: 'the host, or a device in between, ended the connection',
}

/**
 * The error of a socket that could not be opened, in the words of users. `AggregateError`: several addresses were
 * tried, and the first one is reported.
 */
export function socketFailure(peer: Peer, error: unknown): KeelError {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error
  const code = first instanceof Error && 'code' in first && typeof first.code === 'string' ? first.code : ''
  const { host, port } = peer.address
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return unreachable(
        peer,
        'ssh-dns',
        `no address for the name ${host}`,
        code === 'EAI_AGAIN' ? 'the name server did not answer' : 'the name server does not know this name',
        'correct `address` in the inventory, or this machine’s name resolution (is the VPN up?)',
        error,
      )
    case 'ECONNREFUSED':
      return unreachable(
        peer,
        'ssh-refused',
        `port ${port} refuses connections`,
        'the machine answers, but nothing listens on this port, or its firewall refuses it',
        'start sshd on the host, or correct the port in `address`',
        error,
      )
    default:
      return unreachable(
        peer,
        'ssh-unreachable',
        `no connection (${code || String(first)})`,
        noConnection[code] ?? 'the system gives no further reason',
        'check that the machine is on, and `address` in the inventory',
        error,
      )
  }
}

export function connectTimeout(peer: Peer, milliseconds: number, phase: 'connect' | 'handshake' | 'login'): KeelError {
  const [found, why] = {
    connect: ['no answer', 'the machine is off, or a firewall drops what is sent to it'],
    handshake: ['no SSH handshake', 'something accepts connections but does not finish the handshake'],
    login: ['no answer to the login', 'the host accepts connections but does not finish the login'],
  }[phase]
  return unreachable(
    peer,
    'ssh-timeout',
    `${found} within ${milliseconds / 1000} s`,
    `${why}`,
    'check the machine and its address, then run this again',
  )
}

/** `said`: the text that came instead of the identification of an SSH server, if there was any. */
export function turnedAway(peer: Peer, said: string): KeelError {
  const where = 'the host closed the connection before its SSH banner'
  const report = (why: string, todo: string) =>
    unreachable(peer, 'ssh-handshake', said === '' ? where : `${where} and said: ${said}`, why, todo)
  if (said.includes('MaxStartups'))
    return report(
      'sshd accepts no more connections while so many others have not logged in yet; keel tried several times',
      'run this again, or raise MaxStartups in the host’s sshd_config; a firewall that closes the port to strangers helps more',
    )
  if (said.startsWith('Not allowed at this time'))
    return report(
      'sshd refuses this address for some time after failed logins (PerSourcePenalties); keel tried several times',
      'wait some minutes, then run this again; `sshd -G | grep -i persource` on the host shows for how long',
    )
  if (said !== '') return report('another service listens there', 'correct the port in `address`')
  return report(
    'it gave no reason. Possible causes: too many connections that have not logged in yet (MaxStartups), fail2ban, a firewall, or another service on this port',
    'read sshd’s log on the host (`journalctl -u ssh -u sshd`), then run this again',
  )
}

export function notSsh(peer: Peer, cause: unknown): KeelError {
  return unreachable(
    peer,
    'ssh-handshake',
    `the SSH handshake failed: ${words(cause)}`,
    /no matching/i.test(words(cause))
      ? 'it has no algorithm in common with keel, and keel offers none with SHA-1'
      : 'an SSH server answered, but ended the connection before the login',
    'read sshd’s log on the host (`journalctl -u ssh -u sshd`)',
    cause,
  )
}

/**
 * The host is not the one in the inventory. `shown`: the key that it offered; absent if it offers none of the pinned
 * type.
 */
export function hostKeyRefused(target: SshTarget, shown?: Buffer): KeelError {
  const found =
    shown === undefined
      ? `no ${typeOf(target.hostKey)} key at all`
      : `${typeOf(publicLine(shown))} ${fingerprintOfBlob(shown)}`
  return unreachable(
    target,
    'ssh-host-key',
    `the host shows ${found}; the inventory pins ${typeOf(target.hostKey)} ${fingerprintOfBlob(blobOf(target.hostKey))}`,
    'it is another machine, or somebody intercepts the connection; nothing was sent to it and keel did not log in',
    `compare with \`ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub\` on the machine’s own console; only if it was reinstalled put the new key into its file in hosts/${target.name}/ and run \`keel rekey\``,
  )
}

export interface Refusal {
  /** The login methods that the host still accepts. */
  readonly methods: readonly string[] | undefined
  readonly problems: readonly string[]
  readonly cause: Error
}

/**
 * `login`: the keys that keel offered to the host, those that it did not offer, and the one that the host would have
 * accepted. sshd does not tell why it refuses a key, so the message contains only what sshd has sent.
 */
export function loginRefused(
  target: SshTarget,
  login: {
    readonly offered: readonly Identity[]
    readonly left: readonly Identity[]
    readonly accepted: Identity | undefined
  },
  { methods, problems, cause }: Refusal,
): KeelError {
  const { user } = target.address
  const named = (keys: readonly Identity[]) => keys.map(({ from }) => from).join(', ')
  const refused = (why: string, todo: string) =>
    unreachable(
      target,
      'ssh-auth',
      `login refused (${words(cause)}); offered: ${named(login.offered) || 'no key at all'}`,
      [why, ...problems].join('; '),
      todo,
      cause,
    )
  if (/too many authentication failures/i.test(cause.message)) {
    const unheard = login.left.length === 0 ? '' : `, before keel could offer ${named(login.left)}`
    return refused(
      `sshd ended the login after ${login.offered.length} keys (MaxAuthTries)${unheard}`,
      'name the right private key with --identity, or remove the other keys from the agent (`ssh-add -d`)',
    )
  }
  if (login.accepted !== undefined)
    return refused(
      `the host knows ${login.accepted.from}, but did not accept it as the only proof for ${user} (AuthenticationMethods, PermitRootLogin, an expired or locked account?)`,
      `read sshd’s log on the host, and allow ${user} to log in with only a key`,
    )
  if (methods !== undefined && !methods.includes('publickey'))
    return refused(
      `the host does not accept keys for ${user}${wants(methods)}`,
      'set `PubkeyAuthentication yes` in the host’s sshd_config; keel logs in with keys only',
    )
  return refused(
    `the host accepted none of these keys for ${user}: either its authorized_keys has none of them, or sshd does not allow ${user} to log in (PermitRootLogin, AllowUsers, modes of ~/.ssh). It does not say which`,
    `put your public key into authorized_keys of ${user} on the host, or name the right private key with --identity; sshd’s log on the host has the reason`,
  )
}

function wants(methods: readonly string[] | undefined): string {
  return methods === undefined || methods.length === 0 ? '' : `; it wants ${methods.join(' or ')}`
}

export function lost(target: SshTarget, cause?: unknown): KeelError {
  return unreachable(
    target,
    'ssh-lost',
    `the connection was lost${cause === undefined ? '' : ` (${words(cause)})`}`,
    'the connection ended without a reason: the host went down, sshd was stopped, or the network broke; a script on the host may have ended half-way',
    'run this again when the host answers',
    cause,
  )
}

export function silent(target: SshTarget, milliseconds: number): KeelError {
  return unreachable(
    target,
    'ssh-timeout',
    `the host sent nothing for ${milliseconds / 1000} s`,
    'the script on the host hangs; keel closed the connection, and the script may still run',
    'check what the host is busy with, then run this again',
  )
}

/** sshd answers but repeatedly opens no session, although keel has no other session open. */
export function noSession(target: SshTarget, cause: Error): KeelError {
  return unreachable(
    target,
    'ssh-sessions',
    `sshd opens no session on this connection: ${words(cause)}`,
    'sshd refuses sessions beyond MaxSessions; keel needs one at a time and tried for some seconds',
    'set `MaxSessions 10` (sshd’s default) in the host’s sshd_config and reload sshd; `sshd -T | grep -i maxsessions` shows the current value',
    cause,
  )
}

/** sshd reports that it never opens a session. */
export function sessionsForbidden(target: SshTarget, cause: Error): KeelError {
  return unreachable(
    target,
    'ssh-sessions',
    `the host runs no commands for ${target.address.user}: ${words(cause)}`,
    'its SSH server forbids sessions or commands to this user; it may be a jump host or a file server',
    'log in as a user who may run commands, and check `address` in the inventory',
    cause,
  )
}

/** The host sends output, but does not finish. */
export function tooSlow(target: SshTarget, milliseconds: number): KeelError {
  return unreachable(
    target,
    'ssh-timeout',
    `the script did not end within ${milliseconds / 1000} s`,
    'the host still sends output; keel closed the connection, and the script may still run',
    'check what the host is busy with, then run this again',
  )
}

/** keel reached the host, but what it sends can't be an answer. */
export function garbled(target: SshTarget, found: string): KeelError {
  return unreachable(
    target,
    'ssh-garbled',
    found,
    'no script of keel gives such a long answer; keel closed the connection and ignored the answer',
    `check what the host prints: \`ssh ${describeAddress(target.address)} true | head -c 1000\`; if the machine may be compromised, disconnect it from the network`,
  )
}

function words(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
