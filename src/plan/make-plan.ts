import type { Cluster, Host } from '../model/cluster.ts'
import type { Facts } from '../probes/facts.ts'
import type { Rendered } from '../targets/rendered.ts'
import type { HostPlan, Plan } from './plan.ts'
import { planHost, type Sources } from './plan-host.ts'
import { clusterRefusals, hostRefusals } from './refusals.ts'

export interface Seen {
  readonly host: Host
  readonly rendered: Rendered
  readonly facts: Facts
  readonly sources: Sources
}

/**
 * (wanted, facts) → plan. Pure.
 * @param selected the hosts to deploy
 * @param otherServers facts of servers that are not selected: they decide whether the first one may found the cluster
 */
export function makePlan(
  cluster: Cluster,
  selected: readonly Seen[],
  otherServers: readonly Facts[],
  caCertificate: string | undefined,
): Plan {
  const hosts = selected
    .map(
      ({ host, rendered, facts, sources }): HostPlan => ({
        host: host.name,
        role: host.role,
        wave: waveOf(cluster, host),
        operations: planHost(rendered, facts, sources),
      }),
    )
    .toSorted((a, b) => a.wave - b.wave)
  const refusals = [
    ...selected.flatMap(({ host, facts }) => hostRefusals(host, facts, caCertificate)),
    ...clusterRefusals(
      cluster,
      selected.map(({ host }) => host),
      [...selected.map(({ facts }) => facts), ...otherServers],
    ),
  ]
  return { hosts, refusals }
}

/** First server, then the other servers one at a time (etcd takes one new member at a time), then all agents. */
function waveOf(cluster: Cluster, host: Host): number {
  const servers = cluster.hosts
    .filter(({ role }) => role === 'server')
    .toSorted((a, b) => Number(b.firstServer) - Number(a.firstServer))
  const index = servers.findIndex(({ name }) => name === host.name)
  return index < 0 ? servers.length : index
}
