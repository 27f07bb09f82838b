import type { Cluster, Host } from '../../model/cluster.ts'
import { founderOf, serversOf } from '../../model/servers-of.ts'
import type { Facts } from '../../probes/facts.ts'
import { nodeRuns } from '../host/service-state.ts'

/**
 * The server that a new host joins through: one that has the cluster's data, the first server if it is one of them.
 * Where none has any, the first server founds the cluster (undefined), and the others wait for it. So a wiped first
 * server joins, and founds no second cluster.
 * @param seen every server that could be asked
 */
export function joinThrough(cluster: Cluster, host: Host, seen: readonly Facts[]): Host | undefined {
  const living = serversOf(cluster)
    .filter(({ name }) => name !== host.name)
    .flatMap((server) =>
      seen
        .filter((facts) => facts.host === server.name && facts.past.server)
        .map((facts) => ({ server, active: nodeRuns(facts) })),
    )
    .toSorted(
      (a, b) => Number(b.active) - Number(a.active) || Number(b.server.firstServer) - Number(a.server.firstServer),
    )
  return living[0]?.server ?? founderFor(cluster, host)
}

/**
 * Through whom a host joins while nothing is known of the machines: the first server, which founds the cluster itself.
 */
export function founderFor(cluster: Cluster, host: Host): Host | undefined {
  return host.firstServer ? undefined : founderOf(cluster)
}
