import { ExitCode, KeelError } from '../errors.ts'
import type { SshAddress } from '../model/cluster.ts'
import { blobOf, fingerprint, publicLine, typeOf } from './host-key.ts'
import type { Identity } from './identity-file.ts'
import type { SshTarget } from './transport.ts'

/** Where a connection goes, as messages and an inventory write it: `root@[::1]:2222`, the port only where it isn't 22. */
export function describeAddress({ user, host, port }: SshAddress): string {
  const name = host.includes(':') ? `[${host}]` : host
  return `${user}@${name}${port === 22 ? '' : `:${port}`}`
}

type Peer = Pick<SshTarget, 'name' | 'address'>

const unreachable = ({ name, address }: Peer, code: string, found: string, why: string, todo: string, cause?: unknown) =>
  new KeelError({ code, at: name, found: `${describeAddress(address)}: ${found}`, why, todo, exit: ExitCode.Unreachable, cause })

/** What a socket that could not be opened says, in a user's words. `AggregateError`: several addresses were tried, the first is as good as any. */
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
        code === 'EAI_AGAIN' ? 'the name server did not answer' : 'the name server knows no such name',
        'mend `address` in the inventory, or this machine’s name resolution (is the VPN up?)',
        error,
      )
    case 'ECONNREFUSED':
      return unreachable(
        peer,
        'ssh-refused',
        `port ${port} refuses connections`,
        'the machine answers, but no SSH server listens there',
        'start sshd on the host, or mend the port in `address`',
        error,
      )
    default:
      return unreachable(
        peer,
        'ssh-unreachable',
        `no connection (${code || String(first)})`,
        'the network leads to no such machine, or a firewall is in between',
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

export function notSsh(peer: Peer, cause: unknown): KeelError {
  return unreachable(
    peer,
    'ssh-handshake',
    `the SSH handshake failed: ${words(cause)}`,
    'no SSH server listens there, it turns this machine away, or it has no algorithm in common with keel',
    'look at the host’s sshd log, and mend the port in `address` if it is another service’s',
    cause,
  )
}

/** The host is not the one in the inventory. `shown`: the key it offered, absent where it offers none of the pinned one's type. */
export function hostKeyRefused(target: SshTarget, shown?: Buffer): KeelError {
  const found =
    shown === undefined ? `no ${typeOf(target.hostKey)} key at all` : `${typeOf(publicLine(shown))} ${fingerprint(shown)}`
  return unreachable(
    target,
    'ssh-host-key',
    `the host shows ${found}; the inventory pins ${typeOf(target.hostKey)} ${fingerprint(blobOf(target.hostKey))}`,
    'it is another machine, or somebody is in between; nothing was sent to it and no login was tried',
    `compare with \`ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub\` on the machine’s own console; only if it was reinstalled put the new key into its file in hosts/${target.name}/ and run \`keel rekey\``,
  )
}

/** `login`: the keys the host was asked about, and the one it would have taken. */
export function loginRefused(
  target: SshTarget,
  login: { readonly offered: readonly Identity[]; readonly accepted: Identity | undefined },
  problems: readonly string[],
  cause: Error,
): KeelError {
  const { user } = target.address
  const keys = login.offered.map(({ from }) => from).join(', ') || 'no key at all'
  const [why, todo] =
    login.accepted === undefined
      ? [
          [`none of these keys is in the host’s authorized_keys of ${user}`, ...problems].join('; '),
          `put your public key into authorized_keys of ${user} on the host, or name the right private key with --identity`,
        ]
      : [
          `the host knows ${login.accepted.from}, but it wants more than a key, or forbids ${user} to log in (AuthenticationMethods, PermitRootLogin)`,
          `look at the host’s sshd log, and let ${user} log in with a key alone`,
        ]
  return unreachable(target, 'ssh-auth', `login refused (${words(cause)}); offered: ${keys}`, why, todo, cause)
}

export function lost(target: SshTarget, cause?: unknown): KeelError {
  return unreachable(
    target,
    'ssh-lost',
    `the connection was lost${cause === undefined ? '' : ` (${words(cause)})`}`,
    'the host went down, sshd ended the session, or the network broke; what ran there may have been cut off half-way',
    'run this again when the host answers',
    cause,
  )
}

export function silent(target: SshTarget, milliseconds: number): KeelError {
  return unreachable(
    target,
    'ssh-timeout',
    `not a byte for ${milliseconds / 1000} s`,
    'what runs on the host hangs; the connection is closed, and what ran there may go on',
    'look what the host is busy with, then run this again',
  )
}

/** The host is alive and sends something, but comes to no end. */
export function tooSlow(target: SshTarget, milliseconds: number): KeelError {
  return unreachable(
    target,
    'ssh-timeout',
    `no end within ${milliseconds / 1000} s`,
    'the host still sends something now and then; the connection is closed, and what ran there may go on',
    'look what the host is busy with, then run this again',
  )
}

/** The host is reached, and what it sends can't be an answer. */
export function garbled(target: SshTarget, found: string): KeelError {
  return unreachable(
    target,
    'ssh-garbled',
    found,
    'no answer to a script of keel is so long; keel closed the connection and used nothing of it',
    `look what the host prints: \`ssh ${describeAddress(target.address)} true | head -c 1000\`; if the machine may be in strange hands, take it off the network`,
  )
}

function words(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
