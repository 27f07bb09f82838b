import type { Cluster, Host, VirtualIp } from '../model/cluster.ts'
import { type Ports, portsOf } from './ports.ts'
import { type SecretReaders, secretReaders } from './secret-readers.ts'

/** What a picture of a cluster shows. It contains names and addresses only, and no secret. */
export interface Topology {
  readonly cluster: string
  readonly version: string
  readonly admins: readonly string[]
  readonly vip?: VirtualIp
  readonly servers: readonly GraphHost[]
  readonly agents: readonly GraphHost[]
  readonly ports: readonly Ports[]
  readonly secrets: readonly SecretReaders[]
}

export interface GraphHost {
  readonly name: string
  readonly isFirst: boolean
  readonly system: string
  /** At which keel reaches it: `192.0.2.1`, or `192.0.2.1 port 2222`. */
  readonly address: string
  /** Its addresses in the cluster, if they differ from that. */
  readonly nodeIPs: readonly string[]
  readonly interface?: string
}

/** Cluster → what its picture shows. The inventory decides all of it: keel asks no host. */
export function topologyOf(cluster: Cluster): Topology {
  const hosts = (role: Host['role']) => cluster.hosts.filter((host) => host.role === role).map(graphHost)
  return {
    cluster: cluster.name,
    version: cluster.distribution.version,
    admins: cluster.admins.map(({ name }) => name),
    ...(cluster.vip === undefined ? {} : { vip: cluster.vip }),
    servers: hosts('server'),
    agents: hosts('agent'),
    ports: portsOf(cluster),
    secrets: secretReaders(cluster),
  }
}

function graphHost({ name, firstServer, os, arch, address, nodeIPs, network }: Host): GraphHost {
  return {
    name,
    isFirst: firstServer,
    system: `${os} ${arch}`,
    address: address.port === 22 ? address.host : `${address.host} port ${address.port}`,
    nodeIPs: nodeIPs.length === 1 && nodeIPs[0] === address.host ? [] : nodeIPs,
    ...(network.interface === undefined ? {} : { interface: network.interface }),
  }
}
