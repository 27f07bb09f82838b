import type { Os } from '../cluster.ts'
import type { DistributionKind } from '../distribution/distribution.ts'

/** Why something is not possible, and what to do instead. */
export interface NotPossible {
  readonly why: string
  readonly todo: string
}

/** On which systems Pods can be units of systemd whose images are packages of Debian; undefined: it is possible. */
export const systemdKubeletOn: Readonly<Record<Os, NotPossible | undefined>> = {
  debian: undefined,
  flatcar: {
    why: 'the images of its Pods are Debian packages, and Flatcar has no apt and a /usr that nobody can write',
    todo: "use os: 'debian', or remove `kubelet`",
  },
  nixos: {
    why: 'the images of its Pods are Debian packages, and NixOS has no apt and makes its units itself',
    todo: "use os: 'debian', or remove `kubelet`",
  },
}

/** Whether a server can have it. k3s runs there without its own agent (`disable-agent`). */
export const systemdKubeletOnServers: Readonly<Record<DistributionKind, NotPossible | undefined>> = {
  k3s: undefined,
  kubeadm: {
    why: "kubeadm runs the control plane as containers of the server's own kubelet",
    todo: 'remove `kubelet`: it is for workers',
  },
}
