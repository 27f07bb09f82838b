import type { HostState } from '../../desired/host-state.ts'
import { placeFirewallInNixos } from '../../parts/firewall/place-firewall-in-nixos.ts'
import { placeAgentInNixos } from '../../parts/keel-agent/place-agent-in-nixos.ts'
import { placeVipInNixos } from '../../parts/keepalived/place-vip-in-nixos.ts'
import type { NixosPlacement, NixSet } from '../../parts/part.ts'
import type { NixValue } from '../../templates/nix-text.ts'

/** What a host's parts bring to its module. */
export function placementsOf({ host, role, parts: { firewall, keepalived, keelAgent } }: HostState): readonly NixosPlacement[] {
  return [
    ...(firewall === undefined ? [] : [placeFirewallInNixos(firewall, { host, role })]),
    ...(keepalived === undefined ? [] : [placeVipInNixos(keepalived)]),
    ...(keelAgent === undefined ? [] : [placeAgentInNixos(keelAgent)]),
  ]
}

/** Sets as one, in their order. A name that two of them have would silently be only one's. */
export function together(...sets: readonly (NixSet | undefined)[]): NixSet {
  const merged = new Map<string, NixValue>()
  for (const [name, value] of sets.flatMap((set = {}) => Object.entries(set))) {
    if (merged.has(name)) throw new Error(`two parts of a host set ${name} in its module`)
    merged.set(name, value)
  }
  return Object.fromEntries(merged)
}
