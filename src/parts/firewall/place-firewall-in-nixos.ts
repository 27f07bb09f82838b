import { KeelError } from '../../errors.ts'
import { familyOf } from '../../model/addresses/ip.ts'
import type { HostName } from '../../model/brands.ts'
import type { Role } from '../../model/cluster.ts'
import { type NixExpression, type NixValue, nix, nixCode, nixText } from '../../templates/nix-text.ts'
import type { Guard, PortRange, Source } from '../guard.ts'
import type { NixosHost, NixosPlacement } from '../part.ts'
import type { Firewall } from './firewall.ts'
import type { PlacedFirewall } from './place-firewall.ts'

/** Ports of the API server and etcd; on an agent nothing listens there. */
const SERVER_PORTS: ReadonlySet<PortRange> = new Set([6443, 2379])

/** A host's firewall as rules of the one that NixOS has. */
export function placeFirewallInNixos(firewall: Firewall, { host, role }: NixosHost): NixosPlacement<PlacedFirewall> {
  return {
    definitions: [backendDefinition],
    networking: { firewall: openPorts(firewall, role) },
    assertions: [notFirewalld(host)],
  }
}

/** Names, in the module's `let`, the one of NixOS's firewalls that makes the rules. */
const firewallBackend = nixCode('firewallBackend')
const backendDefinition = nix`# to 25.05 there is no option for it
${firewallBackend} = config.networking.firewall.backend or (if config.networking.nftables.enable then "nftables" else "iptables");`

/** firewalld's zones have only ports: it would silently ignore rules with source addresses. */
function notFirewalld(host: HostName): NixValue {
  return {
    assertion: nix`${firewallBackend} != "firewalld"`,
    message: nixText`hosts/${host}/k3s.nix: the firewall of this system is firewalld, which has no place for keel's rules: other nodes and Pods would be shut out. Remove services.firewalld.enable; or set \`firewall: false\` in hosts/${host} and open the ports in zones of firewalld (\`keel help nixos\`).`,
  }
}

/**
 * The ports of the host's role in NixOS's own firewall, which is closed except for what is opened: on the named
 * interface of node traffic as a whole, else to the addresses of the inventory, in the syntax of the firewall that the
 * system uses.
 */
function openPorts(firewall: Firewall, role: Role): NixValue {
  const openings = openingsOf(firewall).filter(({ port }) => role === 'server' || !SERVER_PORTS.has(first(port)))
  const throughInterface = openings.filter(({ source }) => source.interface !== undefined)
  const byAddress = [
    ...openings.filter(({ source }) => source.interface === undefined && !isEverybody(source)),
    ...vrrpOf(firewall),
  ]
  return {
    ...onInterfaces(throughInterface),
    ...allowed(openings.filter(({ source }) => source.interface === undefined && isEverybody(source))),
    ...(byAddress.length === 0 ? {} : { extraCommands: onlyOn('iptables', iptablesCommands(byAddress)) }),
    ...(byAddress.length === 0 && throughInterface.length === 0
      ? {}
      : {
          extraInputRules: onlyOn('nftables', `${interfaceRules(throughInterface)}${lines(byAddress, nftablesRule)}`),
        }),
  }
}

function onlyOn(backend: 'iptables' | 'nftables', value: NixValue): NixExpression {
  return nix`lib.mkIf (${firewallBackend} == ${backend}) ${value}`
}

/**
 * Without IPv6 there is no chain of that name, and one command that fails ends NixOS's script before its rules count.
 */
function iptablesCommands(openings: readonly (Opening | Protocol)[]): NixValue {
  const [ipv4, ipv6] = FAMILIES.map((family) => lines(openings, iptablesRule, [family]))
  return nix`(lib.mkMerge ${[
    ...(ipv4 === '' || ipv4 === undefined ? [] : [ipv4]),
    ...(ipv6 === '' || ipv6 === undefined ? [] : [nix`lib.mkIf config.networking.enableIPv6 ${ipv6}`]),
  ]})`
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

/** Of iptables alone: NixOS writes the name into nftables' rules unquoted, where `0tun` and `log` are no names. */
function onInterfaces(openings: readonly Opening[]): { readonly interfaces?: NixValue } {
  const names = [...new Set(openings.flatMap(({ source }) => source.interface ?? []))]
  if (names.length === 0) return {}
  const interfaces = Object.fromEntries(
    names.map((name) => [plainName(name), allowed(openings.filter(({ source }) => source.interface === name))]),
  )
  return { interfaces: onlyOn('iptables', interfaces) }
}

function interfaceRules(openings: readonly Opening[]): string {
  const rules = openings.map(
    ({ source, protocol, port, what }) =>
      `${through(source)}${protocol} dport ${range(port, '-')} accept comment "${what}"\n`,
  )
  return [...new Set(rules)].join('')
}

function through({ interface: name }: Source): string {
  return name === undefined ? '' : `iifname "${plainName(name)}" `
}

/**
 * NixOS writes the name into the script of iptables as it is, and has a meaning of its own for one.
 * @throws KeelError `nixos-interface` for one that a shell or NixOS would read otherwise
 */
function plainName(name: string): string {
  const why =
    name === 'default'
      ? "NixOS's firewall means every interface by that name"
      : "NixOS's firewall puts the name into its rules unquoted"
  if (/^[A-Za-z0-9_.@-]+$/.test(name) && name !== 'default') return name
  throw new KeelError({
    code: 'nixos-interface',
    found: `an interface named '${name}'`,
    why,
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

type Family = 'ipv4' | 'ipv6'
const FAMILIES: readonly Family[] = ['ipv4', 'ipv6']

/** One rule a line and family, each once. */
function lines(openings: readonly (Opening | Protocol)[], rule: typeof iptablesRule, families = FAMILIES): string {
  const rules = openings.flatMap((opening) =>
    families.flatMap((family) => {
      const addresses = [...new Set(opening.source.addresses.filter((address) => familyOf(address) === family))]
      return addresses.length === 0 ? [] : [rule(opening, family, addresses)]
    }),
  )
  return [...new Set(rules)].map((text) => `${text}\n`).join('')
}

function iptablesRule(opening: Opening | Protocol, family: Family, addresses: readonly string[]): string {
  const program = family === 'ipv4' ? 'iptables' : 'ip6tables'
  const { interface: name } = opening.source
  const on = name === undefined ? '' : ` -i ${plainName(name)}`
  const [protocol, port] =
    opening.protocol === 'vrrp' ? [112, ''] : [opening.protocol, ` --dport ${range(opening.port, ':')}`]
  return `${program} -A nixos-fw${on} -p ${protocol} -s ${addresses.join(',')}${port} -j nixos-fw-accept`
}

function nftablesRule(opening: Opening | Protocol, family: Family, addresses: readonly string[]): string {
  const port =
    opening.protocol === 'vrrp' ? 'meta l4proto 112' : `${opening.protocol} dport ${range(opening.port, '-')}`
  const set = `{ ${addresses.join(', ')} }`
  return `${through(opening.source)}${family === 'ipv4' ? 'ip' : 'ip6'} saddr ${set} ${port} accept comment "${opening.what}"`
}

function range(port: PortRange, between: string): string {
  return typeof port === 'number' ? String(port) : port.join(between)
}

function first(port: PortRange): number {
  return typeof port === 'number' ? port : port[0]
}
