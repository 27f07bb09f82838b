import type { Firewall, Guard, PortRange, Source } from '../../desired/firewall.ts'
import type { HostState } from '../../desired/host-state.ts'
import { KeelError } from '../../errors.ts'
import { familyOf } from '../../model/ip.ts'
import { type NixValue, nix } from '../../templates/nix-text.ts'

/** On an agent nothing listens there: the API server, etcd. */
const SERVER_PORTS: ReadonlySet<PortRange> = new Set([6443, 2379])

/**
 * The ports of the host's role in NixOS's own firewall, which is closed but for what is opened: on the named interface of node traffic as a whole, else
 * to the addresses of the inventory, in the words of whichever firewall the system uses.
 */
export function openPorts({ firewall, role }: HostState): { readonly networking?: NixValue } {
  if (firewall === undefined) return {}
  const openings = openingsOf(firewall).filter(({ port }) => role === 'server' || !SERVER_PORTS.has(first(port)))
  const byAddress = [
    ...openings.filter(({ source }) => source.interface === undefined && !isEverybody(source)),
    ...vrrpOf(firewall),
  ]
  return {
    networking: {
      firewall: {
        ...onInterfaces(openings.filter(({ source }) => source.interface !== undefined)),
        ...allowed(openings.filter(({ source }) => source.interface === undefined && isEverybody(source))),
        ...(byAddress.length === 0
          ? {}
          : {
              extraCommands: nix`lib.mkIf (!config.networking.nftables.enable) ${lines(byAddress, iptablesRule)}`,
              extraInputRules: nix`lib.mkIf config.networking.nftables.enable ${lines(byAddress, nftablesRule)}`,
            }),
      },
    },
  }
}

/** One port, to one source. */
interface Opening extends Pick<Guard, 'what'> {
  readonly protocol: 'tcp' | 'udp'
  readonly port: PortRange
  readonly source: Source
}

/** The same of a protocol without ports: NixOS has no option for such. */
interface Protocol extends Pick<Guard, 'what'> {
  readonly protocol: 'vrrp'
  readonly source: Source
}

function vrrpOf({ guards }: Firewall): readonly Protocol[] {
  return guards.flatMap(({ what, protocol, from }) =>
    protocol === 'vrrp' ? from.map((source) => ({ what, protocol, source })) : [],
  )
}

function openingsOf({ guards }: Firewall): readonly Opening[] {
  return guards.flatMap(({ what, from, ...guarded }) =>
    guarded.protocol === 'vrrp'
      ? []
      : guarded.ports.flatMap((port) => from.map((source) => ({ what, protocol: guarded.protocol, port, source }))),
  )
}

function onInterfaces(openings: readonly Opening[]): { readonly interfaces?: NixValue } {
  const names = [...new Set(openings.flatMap(({ source }) => source.interface ?? []))]
  if (names.length === 0) return {}
  return {
    interfaces: Object.fromEntries(
      names.map((name) => [plainName(name), allowed(openings.filter(({ source }) => source.interface === name))]),
    ),
  }
}

/** NixOS writes the name into its rules as it is. @throws KeelError `nixos-interface` for one that a shell would read otherwise */
function plainName(name: string): string {
  if (/^[A-Za-z0-9_.@-]+$/.test(name)) return name
  throw new KeelError({
    code: 'nixos-interface',
    found: `an interface named '${name}'`,
    why: "NixOS's firewall puts the name into its rules unquoted",
    todo: 'rename the interface, or set `firewall: false`',
  })
}

function allowed(openings: readonly Opening[]): Record<string, NixValue> {
  const result: Record<string, NixValue> = {}
  for (const protocol of ['tcp', 'udp'] as const) {
    const ports = openings.filter((opening) => opening.protocol === protocol).map(({ port }) => port)
    const single = [...new Set(ports.filter((port) => typeof port === 'number'))].toSorted((a, b) => a - b)
    const ranges = ports.filter((port) => typeof port !== 'number').map(([from, to]) => ({ from, to }))
    const name = `allowed${protocol.toUpperCase()}Port`
    if (single.length > 0) result[`${name}s`] = single
    if (ranges.length > 0) result[`${name}Ranges`] = ranges
  }
  return result
}

function isEverybody({ addresses }: Source): boolean {
  return addresses.includes('0.0.0.0/0') && addresses.includes('::/0')
}

/** One rule a line and family, each once. */
function lines(openings: readonly (Opening | Protocol)[], rule: typeof iptablesRule): string {
  const rules = openings.flatMap((opening) =>
    (['ipv4', 'ipv6'] as const).flatMap((family) => {
      const addresses = [...new Set(opening.source.addresses.filter((address) => familyOf(address) === family))]
      return addresses.length === 0 ? [] : [rule(opening, family, addresses)]
    }),
  )
  return [...new Set(rules)].map((text) => `${text}\n`).join('')
}

function iptablesRule(opening: Opening | Protocol, family: 'ipv4' | 'ipv6', addresses: readonly string[]): string {
  const program = family === 'ipv4' ? 'iptables' : 'ip6tables'
  const { interface: name } = opening.source
  const through = name === undefined ? '' : ` -i ${plainName(name)}`
  const [protocol, port] = opening.protocol === 'vrrp' ? [112, ''] : [opening.protocol, ` --dport ${range(opening.port, ':')}`]
  return `${program} -A nixos-fw${through} -p ${protocol} -s ${addresses.join(',')}${port} -j nixos-fw-accept`
}

function nftablesRule(opening: Opening | Protocol, family: 'ipv4' | 'ipv6', addresses: readonly string[]): string {
  const { interface: name } = opening.source
  const through = name === undefined ? '' : `iifname "${plainName(name)}" `
  const port = opening.protocol === 'vrrp' ? 'meta l4proto 112' : `${opening.protocol} dport ${range(opening.port, '-')}`
  const set = `{ ${addresses.join(', ')} }`
  return `${through}${family === 'ipv4' ? 'ip' : 'ip6'} saddr ${set} ${port} accept comment "${opening.what}"`
}

function range(port: PortRange, between: string): string {
  return typeof port === 'number' ? String(port) : port.join(between)
}

function first(port: PortRange): number {
  return typeof port === 'number' ? port : port[0]
}
