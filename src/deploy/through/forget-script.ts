import type { Access } from '../../model/distribution/access.ts'
import { etcdFunctions } from '../../probes/cluster/cluster-members.ts'
import { forgetRecordScript } from '../../probes/node/node-records.ts'
import { sh } from '../../templates/shell-quote.ts'

/**
 * Runs on a server: deletes what the cluster has of a machine. Deleting the Node takes its password and a server's etcd
 * member with it; without a Node, the password may still exist (docs/k3s.md, Nodes), and so may the member, if a
 * server's join was interrupted before its Node registered. kubeadm leaves the member to us.
 * @param addresses of the machine, by which etcd knows a member that has not started
 */
export function forgetScript(access: Access, node: string, addresses: readonly string[] = []): string {
  return `set -e
${etcdFunctions(access)}
${sh`node=${node}
names=(${[node, ...addresses]})`}
${forgetRecordScript(access, node)}
${sh`${access.kubectl} delete node --ignore-not-found --timeout=60s -- "$node"
${access.kubectl} --namespace kube-system delete secret --ignore-not-found --timeout=60s -- "$node.node-password.k3s"`}
members_left() { etcd_members | while IFS=$'\\t' read -r id name; do
  for own in "\${names[@]}"; do [ "$name" != "$own" ] || printf '%s\\n' "$id"; done
done; }
for _ in {1..10}; do
  left=$(members_left)
  [ -n "$left" ] || exit 0
  # k3s may remove it at the same time: what counts is that it is gone
  for id in $left; do etcd_api /v3/cluster/member/remove "{\\"ID\\": \\"$id\\"}" >/dev/null || true; done
  sleep 0.5
done
echo "etcd keeps its member of $node" >&2
exit 1`
}
