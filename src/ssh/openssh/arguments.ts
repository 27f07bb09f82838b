import type { SshTarget } from '../transport.ts'

export interface SshSession {
  /** Files of private keys, absolute; offered before those that ssh finds by itself. */
  readonly identities: readonly string[]
  /** A file that holds `knownHost` and nothing else. */
  readonly knownHosts: string
  /** Gives the program on the host a terminal. */
  readonly terminal: boolean
  /** True: ssh asks for nothing on this terminal, because another one would ask there too. */
  readonly asksNothing?: boolean
  /** What the login user's shell runs there; undefined: that shell itself. */
  readonly command?: string
}

/** The variable with a path: ssh makes a folder there once it has connected and logged in. */
export const CONNECTED = 'KEEL_CONNECTED'

/**
 * Of ssh_config(5), what decides whom we talk to and what the host gets. It comes before ~/.ssh/config, whose jump
 * hosts, proxies and agents are used as for every other ssh.
 */
const options = [
  // KnownHostsCommand is new in 8.5, and only some builds have GSSAPIKeyExchange. ssh takes the first IgnoreUnknown that
  // it reads: a list here would replace the one in ~/.ssh/config
  'IgnoreUnknown=*',
  'KnownHostsCommand=none',
  'StrictHostKeyChecking=yes',
  'GlobalKnownHostsFile=/dev/null',
  // else a key that DNS names would do
  'VerifyHostKeyDNS=no',
  // else no key at all is asked for on this machine
  'NoHostAuthenticationForLocalhost=no',
  // else Kerberos would prove the host, and ssh would not compare its key
  'GSSAPIKeyExchange=no',
  'GSSAPIDelegateCredentials=no',
  'UpdateHostKeys=no',
  'CheckHostIP=no',
  // a connection that somebody has opened already may be one to another key
  'ControlMaster=no',
  'ControlPath=none',
  // a host that keel reaches by a key has no business to ask for a password
  'PasswordAuthentication=no',
  'KbdInteractiveAuthentication=no',
  'ForwardAgent=no',
  'ForwardX11=no',
  'ClearAllForwardings=yes',
  // ssh waits for it before it starts the program on the host
  'PermitLocalCommand=yes',
  `LocalCommand=mkdir "$${CONNECTED}"`,
  'RemoteCommand=none',
  'LogLevel=ERROR',
] as const

/** The line for `UserKnownHostsFile`: the one key that the host may show, under a name that only this call uses. */
export function knownHost(target: SshTarget): string {
  return `${alias(target)} ${target.hostKey}\n`
}

/** The arguments of OpenSSH's client for one host of the inventory. */
export function sshArguments(
  target: SshTarget,
  { identities, knownHosts, terminal, asksNothing, command }: SshSession,
): readonly string[] {
  const { user, host, port } = target.address
  const settings = [
    ...options,
    ...(asksNothing === true ? ['BatchMode=yes'] : []),
    `HostKeyAlias=${alias(target)}`,
    `UserKnownHostsFile="${knownHosts.replaceAll('%', '%%')}"`,
  ]
  return [
    ...settings.flatMap((option) => ['-o', option]),
    ...identities.flatMap((file) => ['-i', file]),
    terminal ? '-t' : '-T',
    ...['-l', user, '-p', `${port}`],
    '--',
    host,
    ...(command === undefined ? [] : [command]),
  ]
}

function alias({ name }: SshTarget): string {
  return `keel-${name}`
}
