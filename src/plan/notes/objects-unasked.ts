import { clusterObjectsOf } from '../../desired/cluster-objects.ts'
import { serversOf } from '../../model/servers-of.ts'
import type { HostNote } from '../plan.ts'
import { type ClusterView, isServer } from '../view/cluster-view.ts'

/** A deploy without a server leaves keel's objects in the cluster's API alone. Pure. */
export function unaskedObjects({ cluster, selected }: ClusterView): readonly HostNote[] {
  const server = serversOf(cluster)[0]?.name
  if (server === undefined || selected.seen.some(isServer) || clusterObjectsOf(cluster).length === 0) return []
  return [
    {
      code: 'objects-unasked',
      at: server,
      found: 'no server is in this deploy, so keel does not check its objects in the API',
      todo: `run \`keel plan ${server}\` to check them`,
    },
  ]
}
