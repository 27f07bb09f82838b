import type { HostNote } from '../plan.ts'
import type { SeenHost } from '../view/cluster-view.ts'

/** The files that keel gives a network of Pods: flannel's, and those of `cni: { manifests }`. */
const ofNetwork = /\/(keel-flannel|keel-cni-\d\d-[^/]+)\.yaml$/

/**
 * Manifests of a network that keel replaces or removes on a server: applying never removes an object, so the objects of
 * the old network go on beside the new one. Pure.
 */
export function otherNetwork(servers: readonly SeenHost[]): readonly HostNote[] {
  const [note] = servers.flatMap(({ host, rendered, facts }): HostNote[] => {
    if (rendered.kind !== 'files' || !facts.past.server) return []
    const kept = new Set(rendered.files.map(({ path }) => path))
    const gone = facts.generation.owned.filter((path) => ofNetwork.test(path) && !kept.has(path))
    if (gone.length === 0) return []
    return [
      {
        code: 'network-left',
        at: host.name,
        found: `keel removes ${gone.join(', ')}, and what these manifests made stays in the cluster`,
        why: 'keel applies manifests and removes no object, so two networks for Pods may run side by side',
        todo: `to end the old network: \`kubectl delete --filename\` these files on ${host.name} before the deploy (keel help kubeadm)`,
      },
    ]
  })
  return note === undefined ? [] : [note]
}
