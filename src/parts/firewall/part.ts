import { sh } from '../../templates/shell-quote.ts'
import type { Part } from '../part.ts'
import { type Firewall, firewallOf, firewallsOf } from './firewall.ts'
import { type FirewallState, firewallState } from './firewall-state.ts'
import { type PlacedFirewall, placeFirewall } from './place-firewall.ts'
import { placeFirewallInNixos } from './place-firewall-in-nixos.ts'
import { planFirewall } from './plan-firewall.ts'
import { refuseFirewall, refuseNewHost } from './refuse-firewall.ts'

/** Who may reach Kubernetes' ports. Before Kubernetes, so that its ports are never open to everybody. */
export const firewall: Part<'firewall', Firewall, PlacedFirewall, FirewallState> = {
  name: 'firewall',
  starts: 'before',
  wants: (whole, guardsOf) => {
    const firewalls = firewallsOf(whole, guardsOf)
    return (host) => firewallOf(firewalls, host)
  },
  place: placeFirewall,
  placeInNixos: placeFirewallInNixos,
  firstBootUnits: ({ unit }) => [unit],
  probe: firewallState,
  units: ({ unit }) => [unit],
  plan: planFirewall,
  refuse: refuseFirewall,
  refuseNew: refuseNewHost,
  knowsNodes: ({ unit, rules }) => ({
    path: rules,
    check: (path) => sh`nft --check -f ${path}`,
    load: `systemctl reload-or-restart -- ${unit}`,
  }),
}
