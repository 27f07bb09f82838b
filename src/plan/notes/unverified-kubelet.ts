import { readIp } from '../../model/addresses/ip.ts'
import type { Cluster, Host } from '../../model/cluster.ts'
import { agentNames } from '../../model/keel-agent/agent-names.ts'
import { approvesKubelets } from '../../model/keel-agent/approves-kubelets.ts'
import type { Facts } from '../../probes/facts.ts'
import type { HostNote } from '../plan.ts'

/**
 * A kubelet asks for a certificate for every address of its Node, and the keel-approver allows only those that the
 * inventory has for the host. Known once the Node is there. Pure.
 */
export function unverifiedKubelet(
  cluster: Cluster,
  host: Host,
  { status }: Pick<Facts, 'status'>,
): readonly HostNote[] {
  if (!approvesKubelets(cluster)) return unservedNode(cluster, host)
  const known = agentNames(host).flatMap((name) => readIp(name) ?? [])
  const unknown = (status?.addresses ?? []).filter((address) => !known.includes(readIp(address) ?? ''))
  if (unknown.length === 0) return []
  const addresses = unknown.join(' and ')
  return [
    {
      code: 'kubelet-unverified',
      at: host.name,
      found: `its Node has the address ${addresses}, and the inventory has no such address for the host`,
      why: 'the keel-approver denies its kubelet a certificate, so `kubectl logs` and `kubectl exec` do not reach its Pods',
      todo: `if ${addresses} is where node traffic goes, set nodeIP in hosts/${host.name}, then run \`keel deploy\``,
    },
  ]
}

/** The kubelet of kubeadm then serves with a certificate that it has signed itself, and keel-vkubelet does not serve. */
function unservedNode({ distribution }: Cluster, { name, systemdKubelet }: Host): readonly HostNote[] {
  if (distribution.kind !== 'kubeadm' || systemdKubelet === undefined) return []
  return [
    {
      code: 'kubelet-unverified',
      at: name,
      found: `Node ${name} gets no certificate to serve with`,
      why: 'kubeadm leaves the approval to you, so `kubectl logs`, `kubectl exec` and `kubectl top` do not reach its Pods',
      todo: 'set keelAgent: true in hosts/cluster, then run `keel rekey` and `keel deploy`: the keel-approver approves it',
    },
  ]
}
