import { type Topology, topologyOf } from '../../../src/graph/topology.ts'
import type { HostName, SecretName } from '../../../src/model/brands.ts'
import type { Host, Reader } from '../../../src/model/cluster.ts'
import { sampleCluster, sampleHost } from '../samples/sample-cluster.ts'

interface Sizes {
  readonly servers: number
  readonly agents: number
}

/**
 * A cluster's topology with every kind of name from `name`, which gets another number for each: a validated inventory
 * has no such names, and the pictures quote them all the same.
 */
export function sampleTopology(name: (index: number) => string, { servers, agents }: Sizes): Topology {
  const hosts = Array.from({ length: servers + agents }, (_, index): Host => {
    const isServer = index < servers
    return sampleHost({
      name: name(index),
      role: isServer ? 'server' : 'agent',
      firstServer: index === 0,
      address: { user: 'root', host: `10.0.${index >> 8}.${index & 255}`, port: index % 5 === 1 ? 2222 : 22 },
      nodeIPs: index % 3 === 1 ? [`fd00::1234:5678:9abc:${index.toString(16)}`] : [],
      network: index % 2 === 1 ? { interface: name(1000) } : {},
      firewall: index % 7 === 6 ? false : { api: ['203.0.113.0/24'] },
    })
  })
  const reader = (kind: Reader['kind'], named: string): Reader => ({ kind, name: named, key: 'key' as Reader['key'] })
  const secret = (index: number, readers: readonly Reader[]) => ({
    name: name(2000 + index) as SecretName,
    file: 'secrets/x.age',
    readers,
    armor: false,
  })
  const admins = [0, 1, 2, 3, 4].map((index) => name(3000 + index))
  const everybody = [...admins.map((one) => reader('admin', one)), ...hosts.map((one) => reader('host', one.name))]
  return topologyOf(
    sampleCluster(hosts, {
      name: name(4000),
      vip: { address: '10.0.0.250', manager: 'keepalived', interface: name(1000) },
      admins: admins.map((one) => ({ name: one, key: 'key' as Reader['key'] })),
      secrets: [
        secret(0, everybody),
        secret(1, [reader('host', name(0))]),
        secret(2, everybody.slice(0, 8)),
        secret(3, []),
      ],
    }),
  )
}

/** Names as an inventory allows them: short, and as long as possible. */
export const longNames = (index: number): string =>
  `node-${index}.${'long-name.'.repeat(5)}site`.slice(0, 63) as HostName
