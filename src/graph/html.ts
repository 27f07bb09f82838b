import { template } from '../templates/template.ts'
import { hostAnchor } from './draw-hosts.ts'
import { drawTopology } from './draw-topology.ts'
import type { Readers } from './secret-readers.ts'
import { printDrawing } from './svg.ts'
import { PORT_COLUMNS, portCells, SECRET_COLUMNS } from './tables.ts'
import htmlTemplate from './topology.html.hbs'
import type { GraphHost, Topology } from './topology.ts'
import { xmlText } from './xml-text.ts'

interface Values {
  readonly cluster: string
  /** An element, quoted already. */
  readonly svg: string
  readonly portColumns: readonly string[]
  readonly ports: readonly (readonly string[])[]
  readonly secretColumns: readonly string[]
  readonly secrets: readonly { readonly secret: string; readonly readers: readonly Cell[] }[]
  readonly hosts: readonly HostRow[]
}

interface Cell extends Omit<Readers, 'names'> {
  readonly names: string
}

interface HostRow extends Pick<GraphHost, 'name' | 'system' | 'address'> {
  readonly anchor: string
  readonly role: string
  readonly inCluster: string
  readonly secrets: string
}

const text = template<Values>(htmlTemplate, { xml: xmlText })

/** A page that needs nothing else: no script, no other file, no network. */
export function htmlOf(topology: Topology): string {
  const cell = ({ names, ...readers }: Readers): Cell => ({ ...readers, names: names.join(', ') })
  return text({
    cluster: topology.cluster,
    svg: printDrawing(drawTopology(topology), topology),
    portColumns: PORT_COLUMNS,
    ports: topology.ports.map(portCells),
    secretColumns: SECRET_COLUMNS,
    secrets: topology.secrets.map(({ secret, admins, servers, agents }) => ({
      secret,
      readers: [admins, servers, agents].map(cell),
    })),
    hosts: [
      ...topology.servers.map((host) => hostRow(host, host.isFirst ? 'first server' : 'server', topology)),
      ...topology.agents.map((host) => hostRow(host, 'agent', topology)),
    ],
  })
}

function hostRow(host: GraphHost, role: string, { secrets }: Topology): HostRow {
  const through = host.interface === undefined ? [] : [`through ${host.interface}`]
  return {
    anchor: hostAnchor(host),
    name: host.name,
    role,
    system: host.system,
    address: host.address,
    inCluster: [host.nodeIPs.join(', ') || host.address, ...through].join(' '),
    secrets: secrets
      .filter(({ servers, agents }) => servers.names.includes(host.name) || agents.names.includes(host.name))
      .map(({ secret }) => secret)
      .join(', '),
  }
}
