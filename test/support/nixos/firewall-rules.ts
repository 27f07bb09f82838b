import type { HostState } from '../../../src/desired/host-state.ts'
import type { Said } from './evaluated-machines.ts'

/**
 * Who may reach what, one line for each rule: `<interface> <source> <protocol> <first port>-<last port>`; `*` is any.
 */
type Opening = string

const range = (text: string) => (/[-:]/.test(text) ? text.replace(':', '-') : `${text}-${text}`)

/** What the firewall of NixOS accepts, read from the script or the table that it makes. */
export function openingsOf({ firewall }: Said): readonly Opening[] {
  const lines = `${firewall.start}\n${firewall.table}`.split('\n').map((line) => line.trim())
  return [...new Set(lines.flatMap((line) => [...ofIptables(line), ...ofNftables(line)]))].toSorted()
}

function ofIptables(line: string): readonly Opening[] {
  const [program = '', ...words] = line.split(' ').filter((word) => word !== '')
  if (!/^ip(46|6)?tables$/.test(program) || !line.includes('-A nixos-fw ') || !line.includes('-j nixos-fw-accept'))
    return []
  const after = (option: string) => (words.includes(option) ? words[words.indexOf(option) + 1] : undefined)
  const ports = range(after('--dport') ?? '*')
  return (after('-s') ?? '*').split(',').map((source) => `${after('-i') ?? '*'} ${source} ${after('-p')} ${ports}`)
}

function ofNftables(line: string): readonly Opening[] {
  const rule =
    /^(?:iifname "?(?<name>[^" ]+)"? )?(?:ip6? saddr \{ (?<sources>[^}]*) \} )?(?:(?<protocol>tcp|udp) dport (?:\{ (?<ports>[^}]*) \}|(?<port>\S+))|meta l4proto (?<bare>112)) accept/.exec(
      line,
    )?.groups
  if (rule === undefined) return []
  const ports = (rule.ports ?? rule.port ?? '*').split(', ').map(range)
  return (rule.sources ?? '*')
    .split(', ')
    .flatMap((source) => ports.map((port) => `${rule.name ?? '*'} ${source} ${rule.protocol ?? rule.bare} ${port}`))
}

/**
 * The same, read from the inventory. On NixOS the ports are open on the whole interface of node traffic
 * (docs/nixos.md), and an agent does not open the ports of servers.
 */
export function wantedOpenings({ parts: { firewall }, role }: HostState): readonly Opening[] {
  const openings = (firewall?.guards ?? []).flatMap((guard) =>
    guard.from.flatMap(({ interface: name, addresses }) => {
      const isAny = guard.protocol !== 'vrrp' && name !== undefined
      const sources = isAny || (addresses.includes('0.0.0.0/0') && addresses.includes('::/0')) ? ['*'] : addresses
      const ports =
        guard.protocol === 'vrrp'
          ? ['*-*']
          : guard.ports
              .map((port) => (typeof port === 'number' ? `${port}-${port}` : port.join('-')))
              .filter((port) => role === 'server' || !['6443-6443', '2379-2380'].includes(port))
      const protocol = guard.protocol === 'vrrp' ? '112' : guard.protocol
      return sources.flatMap((source) => ports.map((port) => `${name ?? '*'} ${source} ${protocol} ${port}`))
    }),
  )
  return [...new Set(openings)].toSorted()
}
