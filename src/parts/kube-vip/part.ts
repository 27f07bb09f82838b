import { type AwaitedAddress, awaitAddress, awaitedAddress } from '../awaited-address.ts'
import type { Part } from '../part.ts'
import { kubeVipManifest, label } from './kube-vip-manifest.ts'

/** The cluster's address, which kube-vip moves: all of it is in Pods. */
export const kubeVip: Part<'kubeVip', AwaitedAddress, AwaitedAddress> = {
  name: 'kubeVip',
  wants:
    ({ cluster }) =>
    ({ role }) => {
      const { vip } = cluster
      if (vip?.manager !== 'kube-vip' || role !== 'server') return undefined
      return awaitedAddress(cluster, vip, { hint: 'look at the Pods kube-vip in kube-system', pods: label })
    },
  manifests: ({ cluster: { vip }, access }) => (vip?.manager === 'kube-vip' ? [kubeVipManifest(vip, access)] : []),
  place: (placed) => ({ files: [], placed }),
  verify: awaitAddress,
}
