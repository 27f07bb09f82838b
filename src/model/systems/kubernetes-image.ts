import type { Os } from '../cluster.ts'
import type { DistributionKind } from '../distribution/distribution.ts'
import type { ImageKey } from './image-file-name.ts'

/** The image that a host's Kubernetes comes as, or why there is none. */
type KubernetesImage =
  | { readonly kind: 'image'; readonly name: ImageKey['name'] }
  | { readonly kind: 'none'; readonly why: string }

export const kubernetesImage: Readonly<Record<DistributionKind, Readonly<Record<Os, KubernetesImage>>>> = {
  k3s: {
    flatcar: { kind: 'image', name: 'k3s' },
    debian: { kind: 'none', why: 'keel installs k3s on Debian as a program, and no image of it' },
    nixos: { kind: 'none', why: 'k3s on NixOS comes from nixpkgs, with the whole system' },
  },
  kubeadm: {
    flatcar: { kind: 'image', name: 'kubernetes' },
    debian: { kind: 'image', name: 'kubernetes' },
    nixos: { kind: 'none', why: 'keel has no kubeadm on NixOS' },
  },
}
