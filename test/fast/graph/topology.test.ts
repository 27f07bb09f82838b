import { describe, expect, test } from 'vitest'
import { topologyOf } from '../../../src/graph/topology.ts'
import type { Reader } from '../../../src/model/cluster.ts'
import { sampleCluster, sampleHost } from '../../support/samples/sample-cluster.ts'

const everywhere = ['0.0.0.0/0', '::/0']
const at = (host: string) => ({ user: 'root', host, port: 22 })
const ocean = sampleHost({
  name: 'ocean',
  role: 'server',
  firstServer: true,
  address: at('10.0.0.1'),
  firewall: { api: everywhere },
})
const bay = sampleHost({ name: 'bay', role: 'server', address: at('10.0.0.2'), firewall: { api: everywhere } })
const maia = sampleHost({ name: 'maia', address: at('10.0.0.3'), firewall: { api: everywhere } })
const rows = (...args: Parameters<typeof sampleCluster>) =>
  topologyOf(sampleCluster(...args)).ports.map(
    ({ what, ports, on, from, through }) =>
      `${what} ${ports} on ${on} from ${from}${through === undefined ? '' : ` through ${through}`}`,
  )

describe('ports', () => {
  test('are what the firewalls open, by groups of hosts', () => {
    expect(rows([ocean, bay, maia])).toEqual([
      'SSH 22/tcp on all hosts from anyone',
      'Kubernetes API 6443/tcp on servers from anyone',
      'etcd 2379-2380/tcp on servers from servers',
      'kubelet 10250/tcp on all hosts from all hosts,Pods',
      'flannel, VXLAN 8472/udp on all hosts from all hosts',
    ])
  })
  test('etcd of one server is for nobody else', () => {
    expect(rows([ocean, maia]).join()).not.toContain('etcd')
  })
  test('networks that may use the API are named', () => {
    const firewall = { api: ['203.0.113.0/24'] }
    expect(
      rows([
        { ...ocean, firewall },
        { ...maia, firewall },
      ]),
    ).toContain('Kubernetes API 6443/tcp on servers from all hosts,Pods,203.0.113.0/24')
  })
  test('a host without the firewall serves the same to anyone', () => {
    const found = rows([ocean, bay, { ...maia, firewall: false }])
    expect(found).toContain('kubelet 10250/tcp on agents from anyone')
    expect(found).toContain('kubelet 10250/tcp on servers from all hosts,Pods')
    expect(found.filter((row) => row.includes('etcd'))).toEqual(['etcd 2379-2380/tcp on servers from servers'])
  })
  test('VRRP where keepalived moves the address, WireGuard where flannel uses it', () => {
    const vip = { address: '10.0.0.100', manager: 'keepalived' } as const
    expect(rows([ocean, bay, maia], { vip })).toContain('VRRP protocol 112 on servers from servers')
    const k3s = { 'flannel-backend': 'wireguard-native' }
    expect(rows([{ ...ocean, k3s }, maia])).toContain('flannel, WireGuard 51820-51821/udp on all hosts from all hosts')
  })
  test('of node traffic: through its interface', () => {
    const network = { interface: 'tailscale0' }
    expect(
      rows([
        { ...ocean, network },
        { ...maia, network },
      ]),
    ).toContain('kubelet 10250/tcp on all hosts from all hosts,Pods through tailscale0')
  })
  test('SSH of a host with another port is a line of its own', () => {
    expect(rows([ocean, { ...maia, address: { ...maia.address, port: 2222 } }])).toEqual(
      expect.arrayContaining(['SSH 22/tcp on servers from anyone', 'SSH 2222/tcp on agents from anyone']),
    )
  })
})

test('readers of a secret: all of a group, some by name, or none; many are counted', () => {
  const agents = Array.from({ length: 9 }, (_, index) => ({ ...maia, name: `agent${index}` as typeof maia.name }))
  const key = 'key' as Reader['key']
  const hosts = (some: readonly { name: string }[]) => some.map(({ name }) => ({ kind: 'host', name, key }) as const)
  const [rule] = sampleCluster([ocean]).secrets
  if (rule === undefined) throw new Error('no secret in the sample')
  const cluster = sampleCluster([ocean, bay, ...agents], {
    admins: [],
    secrets: [{ ...rule, readers: [...hosts([ocean, bay]), ...hosts(agents.slice(0, 7))] }],
  })
  expect(topologyOf(cluster).secrets).toMatchObject([
    { admins: { kind: 'none' }, servers: { kind: 'all', text: 'all 2' }, agents: { kind: 'some', text: '7 of 9' } },
  ])
})
