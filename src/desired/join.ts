import type { Cluster, Host } from '../model/cluster.ts'
import { yamlText } from '../model/yaml-text.ts'
import { generatedYaml } from './generated-yaml.ts'
import type { Join, WantedFile } from './host-state.ts'
import { k3sConfigPath } from './k3s-config.ts'
import { serversOf } from './servers-of.ts'

/** Beside config.yaml, so that it can differ from host to host and from time to time while all else stays as it is. */
export const joinPath = `${k3sConfigPath}.d/10-keel-join.yaml`

/**
 * How a host gets into the cluster: the first server founds it, every other joins through a server that is in it.
 *
 * It only matters to a host that has not joined yet (k3s ignores both flags on a server with data, and an agent learns all servers once it has
 * registered; docs/k3s.md, Start), and through which server depends on which has data when the host comes, unless the cluster has an address that
 * moves. So every way in is right once it stands there.
 * @param through the server to join through; undefined: this host founds the cluster
 * @param vipStands whether the cluster's address stands somewhere by then
 */
export function joinFile(cluster: Cluster, host: Host, through: Host | undefined, vipStands = true): WantedFile | undefined {
  // one server on sqlite neither founds nor joins
  if (cluster.datastore === 'sqlite' && host.role === 'server') return undefined
  const moving = cluster.vip === undefined ? [] : [joining(cluster.vip.address)]
  const ways = [...(host.firstServer ? [founding()] : []), ...moving, ...serversBeside(cluster, host).map(toServer)]
  const content =
    through === undefined ? founding() : ((vipStands && movesBefore(cluster, host) ? moving[0] : undefined) ?? toServer(through))
  return generatedYaml(joinPath, content, { alternatives: ways.filter((way) => way !== content) })
}

/** The same as a value. */
export function joinOf(cluster: Cluster, host: Host, through: Host | undefined, vipStands = true): Join {
  if (cluster.datastore === 'sqlite' && host.role === 'server') return { kind: 'alone' }
  if (through === undefined) return { kind: 'found' }
  const moving = vipStands && movesBefore(cluster, host) ? cluster.vip?.address : undefined
  return { kind: 'join', server: apiAt(moving ?? addressOf(through)) }
}

/** Does the cluster's address stand anywhere before this host joins? keel waits for keepalived's; kube-vip and ha-vip come with the servers. */
function movesBefore({ vip }: Cluster, { role }: Host): boolean {
  return vip?.manager === 'keepalived' || role === 'agent'
}

/**
 * Where what runs on a node reaches the API by way of this node: a server's own, an agent's load balancer, which k3s keeps in step with the servers.
 * Source: docs.k3s.io/architecture, "Fixed Registration Address for Agent Nodes"
 */
export function agentApi(cluster: Cluster, { role, k3s }: Host): string {
  if (role === 'server') return apiAt('127.0.0.1')
  if (k3s['disable-apiserver-lb'] !== true) return `https://127.0.0.1:${k3s['lb-server-port'] ?? 6444}`
  const founder = cluster.hosts.find(({ firstServer }) => firstServer)
  return apiAt(cluster.vip?.address ?? (founder === undefined ? '127.0.0.1' : addressOf(founder)))
}

/** Where nodes reach a server's API to register. */
function addressOf({ nodeIPs, address }: Host): string {
  return nodeIPs[0] ?? address.host
}

function apiAt(address: string): string {
  return `https://${address.includes(':') ? `[${address}]` : address}:6443`
}

// even for one server: without it k3s takes sqlite, which no second server can join (docs/k3s.md, Start)
const founding = () => yamlText({ 'cluster-init': true })

function toServer(server: Host): string {
  const known = printed.get(server)
  if (known !== undefined) return known
  const text = joining(addressOf(server))
  printed.set(server, text)
  return text
}

/** All agents join through the same few servers: printed once for each. */
const printed = new WeakMap<Host, string>()

function joining(address: string): string {
  return yamlText({ server: apiAt(address) })
}

function serversBeside(cluster: Cluster, host: Host): readonly Host[] {
  return serversOf(cluster).filter(({ name }) => name !== host.name)
}
