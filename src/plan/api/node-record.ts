import type { Host } from '../../model/cluster.ts'
import { type ClusterView, type SeenHost, serversSeen } from '../view/cluster-view.ts'
import type { NodeRecord } from './plan-node.ts'

/** A server whose API tells which labels and taints are keel's. */
export function recordingServer(seen: readonly SeenHost[]): SeenHost | undefined {
  return seen.find(({ host, facts }) => host.role === 'server' && facts.records !== undefined)
}

/** What a server has recorded of a host's Node; undefined where none could be asked. */
export function recordOf(view: ClusterView, { name }: Host): NodeRecord | undefined {
  const server = recordingServer(serversSeen(view))
  if (server === undefined) return undefined
  const owned = server.facts.records?.[name]
  return { through: server.host.name, ...(owned === undefined ? {} : { owned }) }
}
