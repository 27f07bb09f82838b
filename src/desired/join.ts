import { stringify } from 'yaml'
import type { Cluster, Host } from '../model/cluster.ts'
import { generatedYaml } from './generated-yaml.ts'
import type { WantedFile } from './host-state.ts'
import { k3sConfigPath } from './k3s-config.ts'

/** Beside config.yaml, so that it can differ from host to host and from time to time while all else stays as it is. */
const joinPath = `${k3sConfigPath}.d/10-keel-join.yaml`

/**
 * How a host gets into the cluster: the first server founds it, every other joins through a server that is in it.
 *
 * It only matters to a host that has not joined yet (k3s ignores both flags on a server with data, and an agent learns all servers once it has
 * registered; facts: k3s.md, Start), and through which server depends on which has data when the host comes. So every way in is right once it stands there.
 * @param through the server to join through; undefined: this host founds the cluster
 */
export function joinFile(cluster: Cluster, host: Host, through: Host | undefined): WantedFile | undefined {
  // one server on sqlite neither founds nor joins
  if (cluster.datastore === 'sqlite' && host.role === 'server') return undefined
  const ways = [...(host.firstServer ? [founding] : []), ...serversBeside(cluster, host).map(joining)]
  const content = through === undefined ? founding : joining(through)
  return generatedYaml(joinPath, content, { alternatives: ways.filter((way) => way !== content) })
}

/** Where nodes reach a server's API to register. */
export function apiAddress(server: Host): string {
  const address = server.nodeIPs[0] ?? server.address.host
  return `https://${address.includes(':') ? `[${address}]` : address}:6443`
}

// even for one server: without it k3s takes sqlite, which no second server can join (facts: k3s.md, config.yaml)
const founding = stringify({ 'cluster-init': true })

/** All agents join through the same few servers: printed once for each. */
const printed = new WeakMap<Host, string>()

function joining(server: Host): string {
  const known = printed.get(server)
  if (known !== undefined) return known
  const text = stringify({ server: apiAddress(server) })
  printed.set(server, text)
  return text
}

function serversBeside(cluster: Cluster, host: Host): readonly Host[] {
  return cluster.hosts.filter(({ role, name }) => role === 'server' && name !== host.name)
}
