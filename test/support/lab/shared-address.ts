import { join } from 'node:path'
import { edit } from '../edit.ts'
import type { KubeadmCluster } from './kubeadm-cluster.ts'

/** An address that the control planes of a cluster share. The cluster has at least two of them, and a worker. */
export interface SharedAddress {
  readonly address: string
  /** As the kubelet of the worker reaches the API: through the address alone. @returns `ok`, or nothing */
  asked(): Promise<string>
  /** Where kubeconfigs of hosts that have joined lead to: the worker's kubelet, the administrator of a control plane. */
  ledTo(): Promise<readonly string[]>
}

/**
 * Gives the inventory of a cluster an address, before its first deploy.
 * @param settings of `vip`, beside the address, as the inventory has them
 */
export async function shareAddress(cluster: KubeadmCluster, settings = ''): Promise<SharedAddress> {
  const address = cluster.host('server-1').described.nodeIP.replace(/\d+$/, '100')
  const first = "  firstServer: 'server-1',"
  await edit(
    join(cluster.inventory, 'hosts/cluster.ts'),
    first,
    `${first}\n  vip: { address: '${address}'${settings} },`,
  )
  const serverOf = (host: string, file: string) => cluster.host(host).sh(`grep server: /etc/kubernetes/${file}.conf`)
  return {
    address,
    asked: () =>
      cluster
        .host('agent-1')
        .sh('timeout 3 kubectl --kubeconfig /etc/kubernetes/kubelet.conf --request-timeout=2s get --raw /readyz')
        .catch(() => ''),
    ledTo: () => Promise.all([serverOf('agent-1', 'kubelet'), serverOf('server-2', 'admin')]),
  }
}
