import { type AwaitedAddress, awaitAddress } from '../awaited-address.ts'
import type { Part } from '../part.ts'
import { haVipManifest } from './ha-vip-manifest.ts'
import { type HaVipMember, haVipMemberOf } from './ha-vip-member.ts'
import { placeHaVip } from './place-ha-vip.ts'

/** The cluster's address, which ha-vip moves: keel brings its files, and the user its program. */
export const haVip: Part<'haVip', HaVipMember, AwaitedAddress> = {
  name: 'haVip',
  wants: (whole) => (host) => haVipMemberOf(whole, host),
  manifests: ({ cluster: { vip }, servers, access }) =>
    vip?.manager === 'ha-vip' ? [haVipManifest(servers, vip, access)] : [],
  place: (member) => ({
    files: placeHaVip(member),
    ...(member.awaited === undefined ? {} : { placed: member.awaited }),
  }),
  verify: awaitAddress,
}
