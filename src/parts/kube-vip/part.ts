import type { Part } from '../part.ts'
import { kubeVipManifest } from './kube-vip-manifest.ts'

/** The cluster's address, which kube-vip moves: all of it is in Pods. */
export const kubeVip: Part<'kubeVip'> = {
  name: 'kubeVip',
  manifests: ({ cluster: { vip }, access }) => (vip?.manager === 'kube-vip' ? [kubeVipManifest(vip, access)] : []),
}
