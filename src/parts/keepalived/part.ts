import type { Part } from '../part.ts'
import { type PlacedVip, placeVip } from './place-vip.ts'
import { placeVipInNixos } from './place-vip-in-nixos.ts'
import { planVip, runVip } from './plan-vip.ts'
import { refuseVip } from './refuse-vip.ts'
import { verifyVip } from './verify-vip.ts'
import { type VipState, vipState } from './vip-state.ts'
import { vrrpGuards } from './vrrp-guard.ts'
import { type VrrpMember, vrrpMemberOf } from './vrrp-member.ts'

/** The cluster's address, which keepalived moves between the servers. */
export const keepalived: Part<'keepalived', VrrpMember, PlacedVip, VipState> = {
  name: 'keepalived',
  starts: 'after',
  wants: (whole) => (host) => vrrpMemberOf(whole, host),
  guards: vrrpGuards,
  place: (vip) => placeVip(vip),
  placeInNixos: placeVipInNixos,
  probe: vipState,
  units: ({ manager, health }) => [manager, health],
  plan: planVip,
  planInSystem: (placed, seen) => runVip(placed, seen),
  refuse: refuseVip,
  verify: verifyVip,
  knowsNodes: ({ configuration, manager }) => ({
    path: configuration,
    check: () => 'true',
    load: `systemctl try-reload-or-restart -- ${manager}`,
  }),
  harmOfUnknown: ({ address }, server) =>
    `${server} would receive no advertisements from it, and both would take ${address}`,
  keepsAddress: ({ manager }) => manager.active === 'active',
  holdsAddress: ({ holds }) => holds,
}
