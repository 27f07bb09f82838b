import type { Cause } from './cause.ts'

/**
 * Nodes, etcd members and how servers reach each other (docs/k3s.md, Nodes, Start; k3s's pkg/etcd and
 * pkg/nodepassword).
 */
export const memberCauses: readonly Cause[] = [
  {
    says: ['Node password rejected', 'unable to verify password for node', 'unable to verify hash for node'],
    why: 'the cluster knows another machine under this name, with another node password',
    // docs/back-up-and-restore.md, Restore on a new machine
    cure: 'if that machine is gone: `k3s kubectl delete node NAME` on a server. Not for a server that was restored from a snapshot, because that also removes its etcd member: delete only its node password, `k3s kubectl delete secret NAME.node-password.k3s --namespace kube-system`. If the machine still runs, give one of the two another name',
  },
  {
    says: ['duplicate node name found'],
    why: 'etcd still has a member of an earlier machine with this name',
    cure: 'on a running server: `k3s kubectl delete node NAME`, which also removes the etcd member',
  },
  {
    says: ['has been permanently removed from the cluster', 'this node has been removed from the cluster'],
    why: "this server's etcd member was removed from the cluster, and its old data can't come back",
    cure: 'stop k3s and delete /var/lib/rancher/k3s/server/db on this host, so that it joins again',
  },
  {
    says: ['leaderelection lost for k3s-etcd'],
    why: 'etcd lost its quorum: fewer than half of the servers answer',
    cure: 'start the other servers, and check that ports 2379 and 2380 are open between servers',
  },
  {
    says: ['critical configuration value mismatch'],
    why: 'this server has another value than the others for an option that must be the same on all of them',
    cure: 'compare the options that the journal names with `k3s` and `networks` in hosts/cluster; a value that the running cluster has can only be changed in a new cluster',
  },
  {
    says: ['cluster cannot be downgraded'],
    why: "this k3s has an older etcd than the cluster's data needs",
    cure: 'set `version` in hosts/cluster to the one that the cluster runs, then `keel pin`',
  },
  {
    says: ['database space exceeded'],
    why: "etcd's database is at its size limit and accepts no more writes",
    cure: 'compact and defragment etcd, then clear its alarm (etcd documentation, "Space quota")',
  },
  {
    says: [
      'Was the raft log corrupted, truncated, or lost',
      'walpb: crc mismatch',
      'snap: crc mismatch',
      'invalid database',
    ],
    why: "etcd's files on this host are damaged or from an older copy of the disk",
    cure: 'with other servers running: stop k3s, delete /var/lib/rancher/k3s/server/db on this host, and delete its Node on another server, so that it joins again; else restore a snapshot',
  },
  {
    says: ['cannot perform cluster-reset while server URL is set', 'cluster membership was previously reset'],
    why: 'a cluster reset was begun on this host and is not finished',
    cure: 'remove `cluster-reset` from what k3s reads on the host (docs.k3s.io/cli/etcd-snapshot)',
  },
  {
    says: ['failed to get CA certs'],
    why: 'the server does not answer on port 6443',
    cure: 'check that k3s runs on that server, that its address in this line is right, and that no firewall between the two drops port 6443',
  },
]
