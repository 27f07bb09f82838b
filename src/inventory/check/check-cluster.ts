import { hint } from '../../model/text/nearest.ts'
import type { Finding } from '../definitions.ts'
import type { ClusterDraft, HostDraft } from '../draft.ts'
import { hasRole } from '../draft.ts'
import { datastoreOf } from '../settings.ts'
import { checkDns, checkNetworks } from './check-networks.ts'
import { listed } from './listed.ts'

/** Checks hosts/cluster.ts for contradictions, also with the hosts. */
export function checkCluster(cluster: ClusterDraft, hosts: readonly HostDraft[]): Finding[] {
  return [...checkNetworks(cluster, hosts.length), ...checkDns(cluster), ...checkServers(cluster, hosts)]
}

function checkServers(cluster: ClusterDraft, hosts: readonly HostDraft[]): Finding[] {
  const { source, values } = cluster
  const servers = hosts.filter(hasRole('server')).map((host) => host.source.name)
  const findings: Finding[] = []
  if (servers.length === 0 && hosts.every((host) => host.values.role !== undefined)) {
    findings.push({
      source,
      path: [],
      code: 'no-server',
      found: `none of ${hosts.length} hosts is a server`,
      why: 'the first server founds the cluster',
      todo: "give a host role: 'server'",
    })
  }
  if (datastoreOf(values) === 'sqlite' && servers.length > 1) {
    findings.push({
      source,
      path: ['datastore'],
      code: 'sqlite-servers',
      found: `sqlite and ${servers.length} servers (${listed(servers)})`,
      why: 'sqlite is a file on the first server, so no second server can join',
      todo: "use datastore: 'etcd', or one server",
    })
  }
  const named = hosts.find((host) => host.source.name === values.firstServer)
  // a host with an invalid role may be meant as a server
  const mayBeServer = named !== undefined && named.values.role !== 'agent'
  if (values.firstServer !== undefined && !mayBeServer) {
    const meant = hint(values.firstServer, servers)
    const found =
      named !== undefined ? `'${values.firstServer}' is an agent` : `there is no host '${values.firstServer}'`
    findings.push({
      source,
      path: ['firstServer'],
      code: 'first-server',
      found,
      why: 'the first server founds the cluster',
      ...(meant === undefined ? {} : { todo: meant }),
    })
  }
  return findings
}
