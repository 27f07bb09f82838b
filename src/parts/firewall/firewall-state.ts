import { sh } from '../../templates/shell-quote.ts'
import type { PartProbe } from '../part.ts'
import { type UnitState, unitState } from '../unit-state.ts'
import { listing, loadedRecord } from './loaded-record.ts'
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

/** Starting `ip` takes longer than bash needs to find a device among all addresses: so it lists them once. */
const addresses = sh`
global=()
while read -r _ device family address rest; do
  [[ $family == inet* ]] || continue
  printf 'address=%s\\n' "\${address%%/*}"
  [[ $rest != *'scope global'* ]] || global+=("$device $family \${address%%/*}")
done < <(ip -oneline address show 2>/dev/null)
for family in inet inet6; do
  read -r route < <(ip -family $family -oneline route show default 2>/dev/null)
  [[ $route =~ .*' dev '([^' ']+) ]] || continue
  for row in "\${global[@]}"; do
    [[ $row != "\${BASH_REMATCH[1]} $family "* ]] || { printf 'default=%s\\n' "\${row##* }"; break 2; }
  done
done`

/**
 * Whether the firewall holds. Each version of nft prints a table differently. So the probe loads the file once more,
 * into a network namespace that ends with the command, and compares what nft prints for both. A quick answer does so
 * only where the record of the last loading does not fit.
 */
export const firewallState: PartProbe<PlacedFirewall, FirewallState> = {
  isLasting: true,
  shapes: {
    'addresses.*': /^[0-9a-fA-F:.]{2,45}$/,
    'unit.active': /^[a-z-]{0,64}$/,
    'unit.enabled': /^[a-z-]{0,64}$/,
    ofDefaultRoute: /^[0-9a-fA-F:.]{2,45}$/,
  },
  units: ({ unit }) => [unit],
  script: ({ unit, rules }, isQuick = false) => {
    const loadedOnceMore = sh`"$(unshare --net sh -c ${`nft -f "$0" && exec ${listing}`} ${rules} 2>/dev/null)"`
    return `command -v nft >/dev/null && printf 'nft=yes\\n'
live=$(${listing} 2>/dev/null) || live=
if [ -z "$live" ]; then printf 'table=none\\n'
elif ${isQuick ? `${loadedRecord.fits(rules)} || ` : ''}[ "$live" = ${loadedOnceMore} ]; then printf 'table=loaded\\n'
else printf 'table=differs\\n'
fi
${sh`unit_state ${unit} UnitFileState NeedDaemonReload`}
${isQuick ? '' : addresses}`
  },
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
