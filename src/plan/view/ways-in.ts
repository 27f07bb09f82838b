import { filesForContainerd, onceThrough, wayInFile } from '../../desired/distribution/distribution.ts'
import type { Host } from '../../model/cluster.ts'
import { serversOf } from '../../model/servers-of.ts'
import { somePart } from '../../parts/by-part.ts'
import { isNew } from '../../probes/distribution/is-new.ts'
import type { Rendered } from '../../targets/rendered.ts'
import { type ClusterView, isServer, type SelectedHost, serversSeen } from './cluster-view.ts'
import { founderFor, joinThrough } from './joining.ts'

/** The server through which a host without data joins, by what was seen; undefined: it founds the cluster. */
export function wayIn(view: Pick<ClusterView, 'cluster' | 'selected' | 'others'>, host: Host): Host | undefined {
  return joinThrough(
    view.cluster,
    host,
    serversSeen(view).map(({ facts }) => facts),
  )
}

/**
 * The same view, in which the selected hosts get in by the way that is open now, and get what their containerd reads.
 * They were asked about, and rendered for that, when nobody knew which server has the cluster's data. All else of them stays as it is. Pure.
 */
export function withWaysIn(view: ClusterView): ClusterView {
  const servers = serversOf(view.cluster)
  const vipStands = standsBefore(view)
  const seen = view.selected.seen.map((one) => ({ ...one, rendered: withWayIn(view, one, servers, vipStands) }))
  return { ...view, selected: { ...view.selected, seen } }
}

/** Whether the cluster's address is already somewhere, or a server that comes earlier in this deploy brings it. */
function standsBefore(view: ClusterView): boolean {
  return (
    serversSeen(view).some(({ facts }) => somePart(facts.parts, (part, seen) => part.keepsAddress?.(seen))) ||
    view.selected.seen.some(
      (one) => isServer(one) && (!isNew(one.host, one.facts) || wayIn(view, one.host) === undefined),
    )
  )
}

function withWayIn(
  view: ClusterView,
  { host, facts, rendered }: SelectedHost,
  servers: readonly Host[],
  vipStands: boolean,
): Rendered {
  // a built system joins as its module says, which is reviewed before it is asked
  if (rendered.kind === 'system') return rendered
  const through = isNew(host, facts) ? wayIn(view, host) : founderFor(view.cluster, host)
  const { cluster, caCertificate } = view
  const ways = wayInFile({ cluster, servers }, host, { through, vipStands, caCertificate })
  const { containerd } = facts
  const version = containerd === undefined || containerd.kind === 'absent' ? undefined : containerd.version
  const known = [...ways.slice(0, 1), ...filesForContainerd(cluster, version)]
  return {
    ...rendered,
    once: onceThrough(rendered.once, through),
    files: rendered.files.map((file) => known.find(({ path }) => path === file.path) ?? file),
  }
}
