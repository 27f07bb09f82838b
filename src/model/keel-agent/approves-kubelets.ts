import type { Cluster } from '../cluster.ts'

/**
 * Whether the keel-approver decides about the certificates that kubelets serve with. k3s issues these itself, and kubeadm
 * leaves them to the administrator: without an approver, a kubelet has one that nobody can verify.
 */
export function approvesKubelets({
  distribution,
  keelAgent,
  hosts,
}: Pick<Cluster, 'distribution' | 'keelAgent' | 'hosts'>): boolean {
  return (
    distribution.kind === 'kubeadm' &&
    keelAgent?.rbac === 'split' &&
    hosts.some(({ role, keelAgent }) => role === 'server' && keelAgent)
  )
}
