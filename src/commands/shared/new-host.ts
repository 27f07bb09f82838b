import { ExitCode, type Fault, FaultsError, KeelError } from '../../errors.ts'
import { ARCHS, type Host, OSES, ROLES } from '../../model/cluster.ts'
import type { HostInput, ParsedCluster } from '../../model/schema/input.ts'
import type { OptionSpec } from './command.ts'

/** A new host from the command line. */
export interface NewHostInput {
  readonly name: string
  readonly os?: string
  readonly role?: string
  readonly arch?: string
  readonly address?: string
  readonly hostKey?: string
  readonly nodeIp?: readonly string[]
  readonly label?: readonly string[]
  readonly taint?: readonly string[]
  readonly interface?: string
}

export const newHostOptions: readonly OptionSpec[] = [
  { flags: '--role <role>', summary: 'server or agent (default: agent)' },
  { flags: '--os <os>', summary: 'debian, nixos or flatcar (default: `defaults.os`, else debian)' },
  { flags: '--arch <arch>', summary: 'amd64 or arm64 (default: `defaults.arch`, else amd64)' },
  {
    flags: '--address <user@host:port>',
    summary: 'its SSH address (default user and port: `defaults.user` and `defaults.port`, else root and 22)',
  },
  {
    flags: '--host-key <key>',
    summary: 'its SSH host key, `ssh-ed25519 AAAA…` (default: keel shows the key that it finds and asks you)',
  },
  { flags: '--node-ip <ip...>', summary: 'its address in the cluster: IPv4, IPv6 or both' },
  { flags: '--label <key=value...>', summary: 'a label of the node' },
  { flags: '--taint <taint...>', summary: 'a taint of the node, `key=value:Effect`' },
  { flags: '--interface <name>', summary: 'the interface for traffic between nodes, such as `tailscale0`' },
]

/**
 * The contents of the host's file. hosts/cluster has the defaults for missing values. Values are checked when the file
 * is loaded, with the rest of the inventory.
 * @param known the host that is in the inventory without a key; it only gets its key
 * @throws FaultsError (exit 2) for a missing value, or one that contradicts the file
 */
export function newHost(input: NewHostInput, known: Host | undefined, defaults: ParsedCluster['defaults']): HostInput {
  const { role = 'agent', address, nodeIp, label, taint } = input
  const os = input.os ?? (defaults?.os === undefined ? 'debian' : undefined)
  const arch = input.arch ?? (defaults?.arch === undefined ? 'amd64' : undefined)
  if (known !== undefined) {
    const given = Object.entries({
      os: input.os,
      role: input.role,
      arch: input.arch,
      address,
      'node-ip': nodeIp,
      label,
      taint,
      interface: input.interface,
    }).filter(([, value]) => value !== undefined)
    if (given.length > 0)
      throw new FaultsError(
        given.map(
          ([option]): Fault => ({
            code: 'usage',
            at: `--${option}`,
            found: 'this option belongs in the file of the host, which exists already',
            todo: `edit the file in hosts/${input.name}, then run keel add-node without this option`,
          }),
        ),
      )
    return { os: known.os, role: known.role, arch: known.arch, address: known.address.host }
  }
  if (address === undefined)
    throw new KeelError({
      code: 'usage',
      at: '--address',
      found: 'no address',
      todo: 'give the SSH address of the host: --address root@10.0.0.3',
      exit: ExitCode.Usage,
    })
  return {
    ...(os === undefined ? {} : { os: oneOf('--os', os, OSES) }),
    role: oneOf('--role', role, ROLES),
    ...(arch === undefined ? {} : { arch: oneOf('--arch', arch, ARCHS) }),
    address,
    ...(nodeIp === undefined
      ? {}
      : { nodeIP: nodeIp.length === 1 && nodeIp[0] !== undefined ? nodeIp[0] : [...nodeIp] }),
    ...(label === undefined ? {} : { labels: labelsOf(label) }),
    ...(taint === undefined ? {} : { taints: [...taint] }),
    ...(input.interface === undefined ? {} : { network: { interface: input.interface } }),
  }
}

function oneOf<const Value extends string>(option: string, given: string, allowed: readonly Value[]): Value {
  const found = allowed.find((value) => value === given)
  if (found === undefined)
    throw new KeelError({
      code: 'usage',
      at: option,
      found: given,
      todo: `choose one of ${allowed.join(', ')}`,
      exit: ExitCode.Usage,
    })
  return found
}

/** Each key once, because keel can't know which of two values is meant. */
function labelsOf(given: readonly string[]): Record<string, string> {
  const pairs = given.map(pair)
  const doubled = pairs.find(([key], index) => pairs.findIndex(([first]) => first === key) < index)
  if (doubled === undefined) return Object.fromEntries(pairs)
  throw new KeelError({
    code: 'usage',
    at: '--label',
    found: `${doubled[0]} is given twice`,
    todo: 'give each key once',
    exit: ExitCode.Usage,
  })
}

function pair(text: string): readonly [string, string] {
  const at = text.indexOf('=')
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}
