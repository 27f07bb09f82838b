import type { Explanation } from './explanation.ts'

export const notes: readonly Explanation[] = [
  {
    codes: ['out-of-support'],
    means: 'A note: Kubernetes no longer supports the minor version of hosts/cluster.',
    cause:
      'Each minor version gets fixes for about 14 months. keel has a table of the ends of support; a keel that is older than the newest version of Kubernetes does not know that one.',
    todo: 'Upgrade, one minor version at a time. If keel knows no newer one, install a newer keel first.',
    topic: 'upgrade-k3s',
  },
  {
    codes: ['other-version', 'nixos-other-patch'],
    means: 'A note: the host runs another version of k3s than hosts/cluster has.',
    cause:
      'The host was upgraded elsewhere, or on NixOS nixpkgs has another patch version. keel pins no program on NixOS.',
    todo: 'Deploy, or set `version` to what runs. On NixOS update nixpkgs or set services.k3s.package.',
    topic: 'nixos',
  },
  {
    codes: ['node-missing'],
    means: 'A note: Kubernetes runs on the host, but the cluster does not know it.',
    cause: 'Somebody deleted the Node with kubectl, or restored a snapshot from before it joined.',
    todo: 'Restart the service on the host: its kubelet registers the Node again.',
    topic: 'k3s',
  },
  {
    codes: ['kubelet-unverified'],
    means: 'A note: the kubelet of this host gets no certificate that the API server can verify.',
    cause:
      'Its Node has an address that is neither `address` nor `nodeIP` of the host: without `nodeIP` a kubelet takes the address of the default route. The keel-approver approves only the names of the inventory. Or the Pods of the host are units of systemd, and a cluster of kubeadm without `keelAgent` has nobody who approves.',
    todo: 'Set `nodeIP` of the host to the address of its Node, then deploy. Until then `kubectl logs` and `kubectl exec` do not reach its Pods.',
    topic: 'keel-agent-certificates',
  },
  {
    codes: ['left-behind'],
    means: 'A note: the cluster knows a node or an etcd member that is not in the inventory.',
    cause:
      'A host that was removed from the inventory while its Node stayed in the cluster, or a node that somebody joined by hand.',
    todo: 'Restore its host file, or stop k3s on that machine and run `kubectl delete node NAME`. A dead etcd member counts for the majority until it is removed.',
  },
  {
    codes: [
      'no-server-to-spare',
      'objects-unasked',
      'flannel-backend-changes',
      'closure-unknown',
      'node-password-mode',
    ],
    means: 'A note of the plan: the deploy is possible, but you should know this first.',
    cause:
      '`no-server-to-spare`: the API pauses during a restart. `objects-unasked`: without a server in the plan keel does not check its API objects. `flannel-backend-changes`: Pods of different nodes lose contact until all have restarted. `closure-unknown`: keel could not compare NixOS systems. `node-password-mode`: other users could read a node’s password.',
    todo: 'Decide whether now is the right time, then deploy.',
  },
]
