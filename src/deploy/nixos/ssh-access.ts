import { addressKey, parseSshAddress, type WrittenAddress } from '../../model/addresses/ssh-address.ts'
import type { Host } from '../../model/cluster.ts'

/** How OpenSSH, and with it Nix and nixos-rebuild, reaches the host that is switched and the one that builds. */
export interface SshAccess {
  /** `user@name` for --target-host, and for --build-host where there is one. */
  readonly target: string
  readonly builder?: string
  /** Contents of two files: ssh_config(5), and the host keys that it names. */
  readonly config: string
  readonly knownHosts: string
}

/**
 * Hosts of the inventory are known by their keys there and by no others; a build host that is none of them has to be
 * known to OpenSSH already. What ssh is told first counts, so the user's own configuration only adds to this.
 * @param knownHostsFile where the host keys will be
 * @param identities private keys that `--identity` names
 */
export function sshAccess(
  target: Host,
  hosts: readonly Host[],
  knownHostsFile: string,
  identities: readonly string[],
): SshAccess {
  const ofInventory = (host: Host, address: WrittenAddress) => `Host ${sshName(address.host, host.name)}
${hostName(address.host)}  Port ${address.port ?? host.address.port}
  HostKeyAlias ${host.name}
  UserKnownHostsFile ${word(knownHostsFile)}
  GlobalKnownHostsFile /dev/null
`
  const elsewhere = ({ host, port }: WrittenAddress) => `Host ${sshName(host, 'build-host')}
${host.includes(':') ? hostName(host) : ''}${port === undefined ? '' : `  Port ${port}\n`}`
  const build = target.nixos?.build.on === 'host' ? parseSshAddress(target.nixos.build.address) : undefined
  const builder = build && hosts.find(({ address }) => addressKey(address.host, 22) === addressKey(build.host, 22))
  const trusted = [target, ...(builder === undefined || builder.name === target.name ? [] : [builder])]
  const blocks = [
    ofInventory(target, target.address),
    ...(build === undefined ? [] : [builder === undefined ? elsewhere(build) : ofInventory(builder, build)]),
    `Host *\n  StrictHostKeyChecking yes\n${identities.map((file) => `  IdentityFile ${word(file)}\n`).join('')}`,
    'Include ~/.ssh/config\nInclude /etc/ssh/ssh_config\n',
  ]
  return {
    target: login(target.address, target.name),
    ...(build === undefined ? {} : { builder: login(build, builder?.name ?? 'build-host') }),
    config: blocks.join(''),
    knownHosts: trusted.map(({ name, hostKey = '' }) => `${name} ${hostKey}\n`).join(''),
  }
}

function login({ user, host }: WrittenAddress, alias: string): string {
  return `${user === undefined ? '' : `${user}@`}${sshName(host, alias)}`
}

/**
 * The address itself, so that what the user's configuration says of it counts; but ssh, Nix and nixos-rebuild disagree
 * on IPv6 in brackets.
 */
function sshName(host: string, alias: string): string {
  return host.includes(':') ? alias : host
}

function hostName(host: string): string {
  return `  HostName ${host.replaceAll('%', '%%')}\n`
}

/** A path as ssh_config(5) takes it, which has tokens that begin with `%`. */
function word(path: string): string {
  return `"${path.replaceAll('%', '%%')}"`
}
