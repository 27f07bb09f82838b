import { contains, familyOf, nameOfFamily, overlap, parseNodeIp, prefixOf } from '../model/ip.ts'
import { hint } from '../model/nearest.ts'
import type { Finding } from './definitions.ts'
import type { ClusterDraft, HostDraft } from './draft.ts'
import { hasRole, isBroken } from './draft.ts'
import { listed } from './listed.ts'
import { datastoreOf, networksOf } from './settings.ts'

/** What hosts/cluster.ts says, held against itself and against the hosts. */
export function checkCluster(cluster: ClusterDraft, hosts: readonly HostDraft[]): Finding[] {
  return [...checkNetworks(cluster, hosts.length), ...checkDns(cluster), ...checkServers(cluster, hosts)]
}

/** kube-controller-manager gives each node a part of this size (k3s leaves its defaults) and takes 2^16 parts at most. */
const NODE_PREFIX = { ipv4: 24, ipv6: 64 }

function checkNetworks(draft: ClusterDraft, hosts: number): Finding[] {
  // held against a default that is not meant, the other network would be wrong, too
  if (isBroken(draft, 'networks', 'cluster') || isBroken(draft, 'networks', 'service')) return []
  const { source, values } = draft
  const networks = networksOf(values)
  const findings: Finding[] = []
  const add = (path: readonly (string | number)[], code: string, found: string, why: string, todo?: string) =>
    findings.push({ source, path: ['networks', ...path], code, found, why, ...(todo === undefined ? {} : { todo }) })

  for (const kind of ['cluster', 'service'] as const) {
    const families = networks[kind].map(familyOf)
    if (families.length === 0 || families.length > 2 || new Set(families).size !== families.length) {
      add(
        [kind],
        'network-families',
        `${families.length} networks (${families.map(nameOfFamily).join(', ')})`,
        'allowed: one, or one of IPv4 and one of IPv6',
      )
    }
  }
  if (networks.cluster.map(familyOf).join() !== networks.service.map(familyOf).join()) {
    const found = `the cluster network is ${networks.cluster.join(', ')}, the service network ${networks.service.join(', ')}`
    add(
      [],
      'network-families',
      found,
      'both have the same families in the same order',
      'set networks.cluster and networks.service',
    )
  }
  for (const [index, a] of networks.cluster.entries()) {
    const other = networks.service.find((b) => overlap(a, b))
    if (other !== undefined)
      add(
        ['cluster', index],
        'network-overlap',
        `${a} overlaps the service network ${other}`,
        'an address must belong to a Pod or to a Service',
      )
    const spare = NODE_PREFIX[familyOf(a)] - prefixOf(a)
    if (spare < 0 || spare > 16 || 2 ** spare < hosts) {
      add(
        ['cluster', index],
        'network-size',
        `${a} has no room for ${hosts} nodes`,
        `each node takes a /${NODE_PREFIX[familyOf(a)]} of it, and Kubernetes makes 65536 of them at most`,
      )
    }
  }
  return findings
}

function checkDns(draft: ClusterDraft): Finding[] {
  if (isBroken(draft, 'networks', 'service')) return []
  const { source, values } = draft
  const written = values.k3s?.['cluster-dns']
  const { service } = networksOf(values)
  return [written ?? []].flat().flatMap((address): Finding[] => {
    if (typeof address !== 'string' || isInside(service, address)) return []
    const found = `'${address}' is no address of the service network ${service.join(', ')}`
    return [{ source, path: ['k3s', 'cluster-dns'], code: 'cluster-dns', found, why: "the cluster's DNS is a Service" }]
  })
}

function isInside(networks: readonly string[], address: string): boolean {
  try {
    const parsed = parseNodeIp(address)
    return networks.some((network) => contains(network, parsed))
  } catch {
    return false
  }
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
      why: 'sqlite is a file on the first server: no second one can join',
      todo: "use datastore: 'etcd', or one server",
    })
  }
  const named = hosts.find((host) => host.source.name === values.firstServer)
  // one whose role is itself a fault may be meant as a server
  const mayBeServer = named !== undefined && named.values.role !== 'agent'
  if (values.firstServer !== undefined && !mayBeServer) {
    const meant = hint(values.firstServer, servers)
    const found = named !== undefined ? `'${values.firstServer}' is an agent` : `there is no host '${values.firstServer}'`
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
