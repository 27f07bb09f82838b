import type { Fault } from '../../errors.ts'
import type { Cluster, Host } from '../../model/cluster.ts'
import { isNew } from '../../probes/distribution/is-new.ts'
import type { Facts } from '../../probes/facts.ts'

interface Asked {
  readonly host: Host
  readonly facts: Facts
}

/**
 * Another version on a host of kubeadm that is in the cluster. The control plane is in Pods of a version of their own,
 * which `kubeadm upgrade` changes, and keel does not run that: the kubelet would be newer than its API server. Pure.
 */
export function kubeadmUpgrades({ distribution }: Cluster, selected: readonly Asked[]): readonly Fault[] {
  if (distribution.kind !== 'kubeadm') return []
  return selected.flatMap(({ host, facts }) => {
    const { version } = facts.past
    if (isNew(host, facts) || version === undefined || version === distribution.version) return []
    return [
      {
        code: 'kubeadm-upgrade',
        at: host.name,
        found: `it has Kubernetes ${version}, and the inventory wants ${distribution.version}`,
        why: 'keel does not run `kubeadm upgrade` yet, and without it a kubelet would be newer than its API server',
        todo: `upgrade it by hand (kubernetes.io, "Upgrading kubeadm clusters"), or set \`version: '${version}'\``,
      },
    ]
  })
}
