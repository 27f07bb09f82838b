import { wantedSettings } from '../../desired/distribution/distribution.ts'
import type { Cluster } from '../../model/cluster.ts'
import { runningSettings } from '../host/running-settings.ts'
import type { HostNote } from '../plan.ts'
import type { SeenHost } from '../view/cluster-view.ts'

/** Another flannel backend is not a fault, but Pods can't reach each other until the last node has it. Pure. */
export function backendNotes(
  cluster: Cluster,
  servers: readonly Pick<SeenHost, 'host' | 'facts'>[],
): readonly HostNote[] {
  const notes = servers.flatMap(({ host, facts }): HostNote[] => {
    const runs = facts.past.server ? runningSettings(facts) : undefined
    if (runs === undefined) return []
    const [is, wanted] = [
      runs['flannel-backend'] ?? ['vxlan'],
      wantedSettings(cluster, host)['flannel-backend'] ?? ['vxlan'],
    ]
    if (is.join() === wanted.join()) return []
    return [
      {
        code: 'flannel-backend-changes',
        at: host.name,
        found: `flannel-backend: the cluster runs with ${is.join()}, the inventory wants ${wanted.join()}`,
        why: 'Pods on nodes with different backends cannot reach each other until k3s has restarted on every node',
        todo: 'deploy all hosts together, then restart k3s on the agents, and reboot nodes that still have the old interface',
      },
    ]
  })
  return notes.slice(0, 1)
}
