import { ofNode } from '../../model/distribution/service.ts'
import { isNew } from '../../probes/distribution/is-new.ts'
import { runningSettings } from '../host/running-settings.ts'
import { nodeRuns } from '../host/service-state.ts'
import type { HostNote } from '../plan.ts'
import type { ClusterView } from '../view/cluster-view.ts'

/**
 * Hosts that run, and have no Node in the cluster: somebody deleted it, or a snapshot from before it was restored. A
 * kubelet registers its Node only when it starts (docs/k3s.md, Nodes). No change, because a host that has just started
 * looks the same. Pure.
 */
export function nodeMissing({ selected, remembered }: ClusterView): readonly HostNote[] {
  if (remembered === undefined) return []
  return selected.seen.flatMap(({ host, facts, rendered }): HostNote[] => {
    const { unit, healthy } = ofNode(rendered.services)
    const name = runningSettings(facts)?.['node-name']?.[0] ?? host.name
    const isThere = remembered.members.nodes.includes(name)
    if (isThere || !healthy.includes('node') || !nodeRuns(facts) || isNew(host, facts)) return []
    return [
      {
        code: 'node-missing',
        at: host.name,
        found: `${unit} runs, but the cluster has no Node ${name}`,
        why: 'somebody deleted the Node, or restored a snapshot from before it; its kubelet registers it again only at a start',
        todo: `\`keel exec ${host.name} -- systemctl restart ${unit}\``,
      },
    ]
  })
}
