import { template } from '../templates/template.ts'
import { mermaidText } from './mermaid-text.ts'
import { nameFew } from './name-hosts.ts'
import type { Ports } from './ports.ts'
import { type SecretNode, secretNodes } from './secret-nodes.ts'
import mermaidTemplate from './topology.mmd.hbs'
import type { GraphHost, Topology } from './topology.ts'
import { trafficOf } from './traffic.ts'

interface Values {
  readonly admins: string
  readonly clients: string
  readonly vip: readonly string[]
  readonly groups: readonly Group[]
  readonly secrets: readonly SecretNode[]
  readonly edges: readonly Edge[]
}

interface Group {
  readonly name: string
  readonly title: string
  readonly hosts: readonly { readonly id: string; readonly lines: readonly string[] }[]
  /** Ids that are below each other. */
  readonly columns: readonly (readonly string[])[]
}

interface Edge {
  readonly from: string
  readonly line: '-->' | '<-->' | '-.->'
  readonly labels: readonly string[]
  readonly to: string
}

const text = template<Values>(mermaidTemplate, { mermaid: mermaidText })

/** A flowchart. Edges are between groups: Mermaid draws at most 500, and 200 hosts have 19,900 pairs. */
export function mermaidOf(topology: Topology): string {
  const { vip, servers, agents } = topology
  const traffic = trafficOf(topology)
  const groups = [group('servers', servers), group('agents', agents)].filter(({ hosts }) => hosts.length > 0)
  const secrets = secretNodes(topology)
  const edge = (from: string, line: Edge['line'], ports: readonly Ports[], to: string): Edge => ({
    from,
    line,
    labels: [...new Set(ports.map(({ what, ports }) => `${what} ${ports}`))],
    to,
  })
  const hasClients = traffic.clients.length > 0
  return text({
    admins: `admins: ${nameFew(topology.admins)}`,
    clients: hasClients ? `who may connect from outside: ${nameFew(traffic.clients)}` : '',
    vip: vip === undefined ? [] : [`virtual IP ${vip.address}`, `on one healthy server, moved by ${vip.manager}`],
    groups,
    secrets,
    edges: [
      ...groups.map(({ name }) => edge('admins', '-->', traffic.ssh, name)),
      ...(hasClients ? [edge('clients', '-->', traffic.fromOutside, vip === undefined ? 'servers' : 'vip')] : []),
      ...(vip === undefined ? [] : [edge('vip', '-->', [], 'servers')]),
      ...ifAny(traffic.betweenServers, (ports) => edge('servers', '<-->', ports, 'servers')),
      ...ifAny(traffic.toServers, (ports) => edge('agents', '-->', ports, 'servers')),
      ...ifAny(traffic.bothWays, (ports) => edge('servers', '<-->', ports, 'agents')),
      ...secrets.flatMap(({ id, readers }) =>
        readers.map(
          ({ group, only }): Edge => ({ from: id, line: '-.->', labels: only === undefined ? [] : [only], to: group }),
        ),
      ),
    ],
  })
}

function ifAny(ports: readonly Ports[], make: (ports: readonly Ports[]) => Edge): readonly Edge[] {
  return ports.length === 0 ? [] : [make(ports)]
}

function group(name: 'servers' | 'agents', hosts: readonly GraphHost[]): Group {
  const columns = hosts.length > 24 ? 8 : 4
  const ids = hosts.map((_host, index) => hostId(name, index))
  return {
    name,
    title: `${name} (${hosts.length})`,
    hosts: hosts.map((host, index) => ({
      id: hostId(name, index),
      lines: [host.name, ...(host.isFirst ? ['first server'] : []), host.system, host.address, ...host.nodeIPs],
    })),
    columns:
      ids.length <= columns
        ? []
        : Array.from({ length: columns }, (_, column) => ids.filter((_id, at) => at % columns === column)).filter(
            (column) => column.length > 1,
          ),
  }
}

/** Names of hosts can't be ids: `end` is a word of Mermaid. */
function hostId(group: 'servers' | 'agents', index: number): string {
  return `${group}${index}`
}
