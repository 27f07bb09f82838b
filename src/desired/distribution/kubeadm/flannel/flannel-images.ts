/**
 * The images of flannel's release v0.28.9, which the settings in `flannel-manifest.ts` are of. Each tag belongs to one
 * release; the CNI plugin has a version of its own.
 * @see https://github.com/flannel-io/flannel/releases/tag/v0.28.9 its file kube-flannel.yml
 */
export const flannelImages = {
  flannel: 'ghcr.io/flannel-io/flannel:v0.28.9',
  cniPlugin: 'ghcr.io/flannel-io/flannel-cni-plugin:v1.9.1-flannel3',
} as const
