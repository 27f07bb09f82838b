import { sh } from '../../templates/shell-quote.ts'
import type { PartProbe } from '../part.ts'
import { type UnitState, unitState } from '../unit-state.ts'
import type { PlacedFirewall } from './place-firewall.ts'

export interface FirewallState {
  /** The host has `nft`. */
  readonly nft: boolean
  /** Compares the kernel's rules with what the host's rules file would load: the same, different, or no such table. */
  readonly table: 'loaded' | 'differs' | 'none'
  readonly unit: UnitState
  /** The machine's own addresses, IPv4 and IPv6; empty where it does not say. */
  readonly addresses: readonly string[]
  /** The address that k3s uses by default: the first of the default route's interface. Absent without such a route. */
  readonly ofDefaultRoute?: string
}

/**
 * Whether the firewall holds. Each version of nft prints a table differently. So the probe loads the file once more,
 * into a network namespace that ends with the command, and compares what nft prints for both.
 */
export const firewallState: PartProbe<PlacedFirewall, FirewallState> = {
  isLasting: true,
  shapes: {
    'addresses.*': /^[0-9a-fA-F:.]{2,45}$/,
    'unit.active': /^[a-z-]{0,64}$/,
    'unit.enabled': /^[a-z-]{0,64}$/,
    ofDefaultRoute: /^[0-9a-fA-F:.]{2,45}$/,
  },
  script: ({ unit, rules }) => sh`
command -v nft >/dev/null && printf 'nft=yes\\n'
live=$(nft --stateless list table inet keel 2>/dev/null) || live=
wanted=$(unshare --net bash -c 'nft -f "$0" && nft --stateless list table inet keel' ${rules} 2>/dev/null) || wanted=
if [ -z "$live" ]; then printf 'table=none\\n'; elif [ "$live" = "$wanted" ]; then printf 'table=loaded\\n'; else printf 'table=differs\\n'; fi
ip -oneline address show 2>/dev/null | sed -n 's#.* inet6* \\([^ /]*\\).*#address=\\1#p'
for family in -4 -6; do
  address=
  device=$(ip $family -oneline route show default 2>/dev/null | sed -nE '1s/.* dev ([^ ]+).*/\\1/p')
  [ -z "$device" ] || address=$(ip $family -oneline address show dev "$device" scope global 2>/dev/null | sed -nE '1s#.* inet6? ([^ /]+).*#\\1#p')
  if [ -n "$device" ] && [ -n "$address" ]; then printf 'default=%s\\n' "$address"; break; fi
done
systemctl show --property=UnitFileState,NeedDaemonReload -- ${unit}`,
  parse: (stdout) => {
    const all = (name: string) =>
      stdout.split('\n').flatMap((line) => (line.startsWith(`${name}=`) ? [line.slice(name.length + 1)] : []))
    const [table] = all('table')
    const [ofDefaultRoute] = all('default')
    return {
      nft: all('nft').length > 0,
      table: table === 'loaded' || table === 'differs' ? table : 'none',
      unit: unitState.parse(stdout),
      addresses: all('address'),
      ...(ofDefaultRoute === undefined ? {} : { ofDefaultRoute }),
    }
  },
}
