import type { Cause } from './cause.ts'

/**
 * Settings, in the inventory or in another file that k3s reads, that k3s or the kubelet refuses (k3s's pkg/cli/server,
 * pkg/agent/flannel).
 */
export const settingCauses: readonly Cause[] = [
  {
    says: ['flag provided but not defined'],
    why: 'this version of k3s does not know one of its options',
    cure: 'remove the option that this line names from `k3s` in the inventory, or from the file in /etc/rancher/k3s/config.yaml.d that sets it',
  },
  {
    says: ['for flag -'],
    why: 'an option has a value of the wrong type',
    cure: 'correct the option that this line names in `k3s` in the inventory',
  },
  {
    says: ['unknown flag'],
    why: 'a component of Kubernetes does not know one of its arguments (kubelet-arg, kube-apiserver-arg and the like)',
    cure: 'remove the argument that this line names from the inventory: later versions of Kubernetes drop old arguments',
  },
  {
    says: ['duplicated taints with the same key and effect'],
    why: 'the Node has two taints with the same key and effect, but only one is possible',
    cure: 'keep one of them in `taints`, of the defaults and the host together',
  },
  {
    says: ['cannot be encoded as an IA5String', 'cannot be encoded as IA5String'],
    why: 'a name for a certificate has characters outside ASCII',
    cure: 'write the name in `tls-san` in its ASCII form (xn--...)',
  },
  {
    says: ['unknown flannel backend'],
    why: 'k3s has no flannel backend of this name',
    cure: 'set `flannel-backend` in hosts/cluster to vxlan, host-gw, wireguard-native, tailscale or none',
  },
  {
    says: ['invalid cluster-dns address', 'cannot configure default cluster-dns address'],
    why: 'the DNS address of the cluster is not valid, or not in the service network',
    cure: 'remove `cluster-dns` from the inventory, or set it to an address inside `networks.service`',
  },
  {
    says: ['invalid cluster-cidr', 'invalid service-cidr'],
    why: 'k3s does not accept one of the networks of the cluster',
    cure: 'correct `networks` in hosts/cluster',
  },
  {
    says: ['must share the same IP version'],
    why: "the node's addresses and the cluster's networks are not of the same IP versions",
    cure: 'set `nodeIP` to one address for each IP version that `networks` has',
  },
  {
    says: ['invalid port range'],
    why: 'k3s does not accept a port range',
    cure: 'write `service-node-port-range` like 30000-32767',
  },
  {
    says: ['running with swap on is not supported'],
    why: 'the kubelet was told to fail on a host with swap, and this host has swap',
    cure: 'turn swap off (`swapoff --all`, and remove it from /etc/fstab), or remove `fail-swap-on` from kubelet-arg',
  },
  {
    says: ['yaml: line', 'yaml: unmarshal errors'],
    why: 'a file that k3s reads is not the YAML that k3s expects',
    cure: 'correct or remove the file that this line names (`keel plan` lists those that are not from keel)',
  },
]
