import type { DistributionKind } from './distribution.ts'

/** A key of the inventory that a distribution cannot have. */
export interface Unsupported {
  readonly in: readonly ('cluster' | 'host')[]
  readonly path: readonly string[]
  /** The values that it cannot have. Absent: all but `false`, which asks for nothing. */
  readonly values?: readonly unknown[]
  readonly why: string
  readonly todo: string
}

const both = ['cluster', 'host'] as const
const nixos = {
  values: ['nixos'],
  why: 'kubeadm writes units and files below /etc and /var itself, and a NixOS system generates its own',
  todo: "use 'debian' or 'flatcar', or distribution: 'k3s'",
}
const network = {
  why: 'keel does not tell the network of a kubeadm cluster which interface to use',
  todo: 'remove it, and set `nodeIP` to the address of that interface',
}

/** What each distribution cannot have, and why. */
export const unsupported: Readonly<Record<DistributionKind, readonly Unsupported[]>> = {
  k3s: [
    {
      in: ['cluster'],
      path: ['cni'],
      why: 'k3s brings flannel itself',
      todo: "remove it; for another network set k3s: { 'flannel-backend': 'none' }",
    },
    { in: ['cluster'], path: ['containerd'], why: 'k3s brings its own containerd', todo: 'remove it' },
  ],
  kubeadm: [
    { in: ['host'], path: ['os'], ...nixos },
    { in: ['cluster'], path: ['defaults', 'os'], ...nixos },
    {
      in: both,
      path: ['k3s'],
      why: 'these are options of k3s',
      todo: "remove it, or use distribution: 'k3s'",
    },
    {
      in: ['cluster'],
      path: ['datastore'],
      why: 'the control planes of kubeadm always have etcd',
      todo: 'remove it',
    },
    {
      in: both,
      path: ['registries'],
      why: 'registries.yaml is a file of k3s, and containerd does not read it',
      todo: 'write a hosts.toml for containerd with `files`',
    },
    { in: ['host'], path: ['network'], ...network },
    { in: ['cluster'], path: ['defaults', 'network'], ...network },
  ],
}
