import { contains, familyOf, nameOfFamily } from '../../model/addresses/ip.ts'
import { nodeAddresses } from '../../model/addresses/node-addresses.ts'
import type { VipManager } from '../../model/cluster.ts'
import type { Finding } from '../definitions.ts'
import { type ClusterDraft, type HostDraft, hasRole, isBroken } from '../draft.ts'
import { networksOf, osOf, vipManagerOf } from '../settings.ts'
import { listed } from './listed.ts'

/** Checks the virtual IP against the networks, and against the servers between which it moves. */
export function checkVip(cluster: ClusterDraft, hosts: readonly HostDraft[]): Finding[] {
  const { vip } = cluster.values
  if (vip === undefined) return []
  const servers = hosts.filter(hasRole('server'))
  const manager = vipManagerOf(cluster, hosts)
  return [
    ...checkManager(cluster, servers, manager),
    ...checkImage(cluster, manager),
    ...checkInterface(cluster, manager),
    ...checkNetworks(cluster, vip.address),
    ...hosts.flatMap((host) => checkOwner(cluster, host, vip.address)),
    ...(manager === undefined || manager === 'kube-vip'
      ? []
      : servers.flatMap((server) => checkPeer(server, vip.address))),
  ]
}

function checkManager(
  cluster: ClusterDraft,
  servers: readonly HostDraft[],
  manager: VipManager | undefined,
): Finding[] {
  const { source } = cluster
  const systems = [...new Set(servers.flatMap((server) => osOf(server, cluster) ?? []))].toSorted()
  if (manager === undefined) {
    if (systems.length < 2) return []
    const found = `missing, but the servers are ${listed(systems)}`
    const why = 'each system has its own default, but one address has one manager'
    const everywhere = systems.includes('flatcar') ? "'kube-vip', which runs" : "'keepalived' or 'kube-vip', which run"
    return [
      { source, path: ['vip'], code: 'vip-manager', found, why, todo: `set manager: ${everywhere} on all of them` },
    ]
  }
  const nixos = servers.find((server) => osOf(server, cluster) === 'nixos')
  if (manager === 'ha-vip' && nixos !== undefined) {
    return [
      {
        source,
        path: ['vip', 'manager'],
        code: 'vip-nixos',
        found: `ha-vip, and ${nixos.source.name} is NixOS`,
        why: "its files and units would be under /etc, which the NixOS module owns, and keel's module does not support ha-vip",
        todo: "use manager: 'keepalived' or 'kube-vip'",
      },
    ]
  }
  const units = servers.find(({ values }) => values.kubelet === 'systemd')
  const isPod = manager === 'kube-vip' || (manager === 'ha-vip' && cluster.values.vip?.image !== undefined)
  if (units !== undefined && isPod) {
    return [
      {
        source,
        path: ['vip', 'manager'],
        code: 'vip-manager',
        found: `${manager} as Pods, and ${units.source.name} has kubelet: 'systemd'`,
        why: 'the images of its Pods are Debian packages',
        todo: "use manager: 'keepalived'",
      },
    ]
  }
  const without = servers.filter((server) => osOf(server, cluster) === 'flatcar').map((server) => server.source.name)
  if (manager !== 'keepalived' || without.length === 0) return []
  return [
    {
      source,
      path: ['vip', 'manager'],
      code: 'vip-manager',
      found: `keepalived, and ${listed(without)} ${without.length === 1 ? 'is' : 'are'} Flatcar`,
      why: 'Flatcar has no keepalived, and its /usr is read-only',
      todo: "use manager: 'kube-vip'",
    },
  ]
}

function checkImage({ source, values }: ClusterDraft, manager: VipManager | undefined): Finding[] {
  if (values.vip?.image === undefined || manager !== 'keepalived') return []
  const found = 'an image for keepalived'
  return [
    {
      source,
      path: ['vip', 'image'],
      code: 'vip-image',
      found,
      why: 'keepalived is a package of the host',
      todo: 'leave it out',
    },
  ]
}

function checkInterface({ source, values }: ClusterDraft, manager: VipManager | undefined): Finding[] {
  if (manager !== 'ha-vip' || values.vip?.interface !== undefined) return []
  const why = 'ha-vip cannot find the interface by itself'
  return [
    { source, path: ['vip', 'interface'], code: 'vip-interface', found: 'missing, and the manager is ha-vip', why },
  ]
}

function checkNetworks(cluster: ClusterDraft, address: string): Finding[] {
  const networks = networksOf(cluster.values)
  const known = (['cluster', 'service'] as const).filter((kind) => !isBroken(cluster, 'networks', kind))
  return known.flatMap((kind): Finding[] => {
    const network = networks[kind].find((one) => contains(one, address))
    if (network === undefined) return []
    const found = `${address} is in the ${kind} network ${network}`
    const why = `its addresses are for ${kind === 'cluster' ? 'Pods' : 'Services'}`
    return [
      {
        source: cluster.source,
        path: ['vip', 'address'],
        code: 'vip-network',
        found,
        why,
        todo: 'choose an address in the network of the servers',
      },
    ]
  })
}

function checkOwner(cluster: ClusterDraft, { source, values }: HostDraft, address: string): Finding[] {
  if (values.address?.host !== address && !values.nodeIP?.includes(address)) return []
  const found = `${address} is the address of ${source.subject}`
  const why = 'it moves between the servers: that machine would lose it, or share it with another'
  return [
    {
      source: cluster.source,
      path: ['vip', 'address'],
      code: 'vip-taken',
      found,
      why,
      todo: 'choose an address that no machine has',
    },
  ]
}

/** Both versions of VRRP use the family of the address (RFC 5798, 5.1). */
function checkPeer({ source, values, broken }: HostDraft, vip: string): Finding[] {
  const { address, nodeIP: nodeIPs = [] } = values
  if (address === undefined || isBroken({ broken }, 'nodeIP')) return []
  const own = nodeAddresses({ nodeIPs, address })
  if (own.some((one) => familyOf(one) === familyOf(vip))) return []
  return [
    {
      source,
      path: ['nodeIP'],
      code: 'vip-peers',
      found: `no ${nameOfFamily(familyOf(vip))} address at which the other servers could reach it`,
      why: `servers negotiate ${vip} over addresses of the same family`,
      todo: 'set nodeIP',
    },
  ]
}
