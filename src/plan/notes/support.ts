import { KNOWN_MINORS } from '../../model/k3s/k3s-version.ts'
import { outOfSupport } from '../../model/kubernetes/out-of-support.ts'
import type { HostNote } from '../plan.ts'
import type { ClusterView } from '../view/cluster-view.ts'

/** The inventory's Kubernetes gets no more fixes from upstream. Pure. */
export function supportNotes({ cluster, today }: Pick<ClusterView, 'cluster' | 'today'>): readonly HostNote[] {
  const ended = outOfSupport(cluster.distribution.version, today, KNOWN_MINORS)
  return ended === undefined ? [] : [{ ...ended, at: 'hosts/cluster' }]
}
