import fc from 'fast-check'
import ipaddr from 'ipaddr.js'
import { describe, expect, it } from 'vitest'
import { clusterStateOf } from '../../../src/desired/cluster-state.ts'
import { contains, prefixOf, widestOf } from '../../../src/model/addresses/ip.ts'
import type { Cluster, Host } from '../../../src/model/cluster.ts'
import { firewallOf, firewallsOf } from '../../../src/parts/firewall/firewall.ts'
import { firewallTable } from '../../../src/parts/firewall/firewall-table.ts'
import { type NftTable, nftFile } from '../../../src/parts/firewall/nft-table.ts'
import { type Packet, verdictOf } from '../../support/nft-verdict.ts'
import { sampleCluster, sampleHost } from '../../support/samples/sample-cluster.ts'

const everybody = ['0.0.0.0/0', '::/0']

function tableOf(cluster: Cluster, host: Host): NftTable {
  const firewall = clusterStateOf(cluster).partsOf(host).firewall
  if (firewall === undefined) throw new Error('no firewall')
  return firewallTable(firewall)
}

const server = sampleHost({
  name: 's',
  role: 'server',
  firstServer: true,
  nodeIPs: ['10.0.0.1', 'fd00::1'],
  firewall: { api: everybody },
})
const agent = sampleHost({ name: 'a', nodeIPs: ['10.0.0.2', 'fd00::2'], firewall: { api: everybody } })
const outsider = '198.51.100.7'

type Row = readonly [what: string, packet: Packet, verdict: 'accept' | 'drop']
const from = (source: string, protocol: 'tcp' | 'udp', port: number, name = 'eth0'): Packet => ({
  source,
  protocol,
  port,
  interface: name,
})

describe('what reaches a host', () => {
  const rows: readonly Row[] = [
    ['etcd from an agent', from('10.0.0.2', 'tcp', 2379), 'drop'],
    ['etcd from a server', from('10.0.0.1', 'tcp', 2380), 'accept'],
    ['etcd from a server over IPv6', from('fd00::1', 'tcp', 2380), 'accept'],
    ['etcd from a Pod', from('10.42.1.9', 'tcp', 2379), 'drop'],
    ['etcd from outside', from(outsider, 'tcp', 2379), 'drop'],
    ['VXLAN from a node', from('10.0.0.2', 'udp', 8472), 'accept'],
    ['VXLAN from a Pod', from('10.42.1.9', 'udp', 8472), 'drop'],
    ['VXLAN from outside', from(outsider, 'udp', 8472), 'drop'],
    ['kubelet from a node', from('10.0.0.2', 'tcp', 10250), 'accept'],
    ['kubelet from a Pod (metrics-server)', from('10.42.1.9', 'tcp', 10250, 'cni0'), 'accept'],
    ['kubelet from outside', from(outsider, 'tcp', 10250), 'drop'],
    ['the API from outside', from(outsider, 'tcp', 6443), 'accept'],
    ['SSH from outside', from(outsider, 'tcp', 22), 'accept'],
    ['another service from outside', from(outsider, 'tcp', 443), 'accept'],
    ['the health port of etcd from the host itself', from('127.0.0.1', 'tcp', 2379, 'lo'), 'accept'],
    ['WireGuard of the user', from(outsider, 'udp', 51820), 'accept'],
  ]
  it.each(rows)('%s', (_, packet, verdict) => {
    for (const host of [server, agent])
      expect(verdictOf(tableOf(sampleCluster([server, agent]), host), packet)).toBe(verdict)
  })

  it('VRRP is for servers, on servers that share an address by it', () => {
    const vrrp = (source: string) => ({ source, protocol: 'vrrp', port: 0, interface: 'eth0' }) as const
    const vip = { address: '10.0.0.100', manager: 'keepalived' } as const
    const table = tableOf(sampleCluster([server, agent], { vip }), server)
    expect(
      ['10.0.0.1', 'fd00::1', '10.0.0.2', '10.42.0.3', outsider].map((source) => verdictOf(table, vrrp(source))),
    ).toEqual(['accept', 'accept', 'drop', 'drop', 'drop'])
    const without = tableOf(sampleCluster([server, agent]), server)
    expect(verdictOf(without, vrrp(outsider))).toBe('accept')
  })

  it('what another part listens on is guarded as it says, on the hosts of its role', () => {
    const whole = clusterStateOf(sampleCluster([server, agent]))
    const firewalls = firewallsOf(whole, (role) =>
      role === 'agent'
        ? [{ what: 'lantern', protocol: 'tcp', ports: [7000], from: [{ addresses: ['192.0.2.0/24'] }] }]
        : [],
    )
    const verdicts = (host: Host) =>
      ['192.0.2.9', outsider].map((source) =>
        verdictOf(firewallTable(firewallOf(firewalls, host) ?? expect.unreachable()), from(source, 'tcp', 7000)),
      )
    expect(verdicts(agent)).toEqual(['accept', 'drop'])
    expect(verdicts(server)).toEqual(['accept', 'accept'])
  })

  it('with `api`, the API is for those networks, the nodes and the Pods', () => {
    const closed = { ...server, firewall: { api: ['192.0.2.0/24'] } }
    const table = tableOf(sampleCluster([closed, agent]), closed)
    const allowed = ['192.0.2.9', '10.0.0.2', '10.42.0.3', outsider].map((source) =>
      verdictOf(table, from(source, 'tcp', 6443)),
    )
    expect(allowed).toEqual(['accept', 'accept', 'accept', 'drop'])
  })

  it('where the host names an interface, node traffic comes through it or not at all', () => {
    const named = { ...server, network: { interface: 'tailscale0' } }
    const table = tableOf(sampleCluster([named, agent]), named)
    for (const [protocol, port, source] of [
      ['udp', 8472, '10.0.0.2'],
      ['tcp', 2380, '10.0.0.1'],
      ['tcp', 10250, '10.0.0.2'],
    ] as const) {
      expect(verdictOf(table, from(source, protocol, port, 'tailscale0'))).toBe('accept')
      expect(verdictOf(table, from(source, protocol, port, 'eth0'))).toBe('drop')
      expect(verdictOf(table, from(outsider, protocol, port, 'tailscale0'))).toBe('drop')
    }
  })

  it("with flannel's WireGuard and k3s's registry, their ports are for nodes too", () => {
    const flags = { 'flannel-backend': 'wireguard-native', 'embedded-registry': true }
    const table = tableOf(sampleCluster([{ ...server, k3s: flags }, agent]), agent)
    for (const [protocol, port] of [
      ['udp', 51820],
      ['udp', 51821],
      ['tcp', 5001],
      ['udp', 8472],
    ] as const) {
      expect(verdictOf(table, from('10.0.0.1', protocol, port))).toBe('accept')
      expect(verdictOf(table, from(outsider, protocol, port))).toBe('drop')
    }
  })

  it('is as it was where the inventory says `false`', () => {
    expect(
      clusterStateOf(sampleCluster([server, agent])).partsOf({ ...agent, firewall: false }).firewall,
    ).toBeUndefined()
  })
})

const ipv4 = fc.ipV4().filter((ip) => !contains('127.0.0.0/8', ip) && !contains('10.42.0.0/16', ip))
const anyHost = fc.record({
  role: fc.constantFrom('server', 'agent'),
  nodeIP: ipv4,
  port: fc.constantFrom(22, 2222, 10250, 2379, 6443),
  interface: fc.constantFrom(undefined, 'eth0', 'tailscale0'),
  api: fc.constantFrom(everybody, ['192.0.2.0/24'], []),
  flags: fc.constantFrom({}, { 'flannel-backend': 'wireguard-native' }, { 'flannel-backend': 'none' }),
})
const anyCluster = fc
  .uniqueArray(anyHost, { minLength: 1, maxLength: 6, selector: ({ nodeIP }) => nodeIP })
  .map((hosts) =>
    sampleCluster(
      hosts.map(({ role, nodeIP, port, interface: name, api, flags }, index) =>
        sampleHost({
          name: `h${index}`,
          role,
          nodeIPs: [nodeIP],
          address: { user: 'root', host: 'h.example', port },
          network: name === undefined ? {} : { interface: name },
          k3s: flags,
          firewall: { api },
        }),
      ),
    ),
  )

describe('in any cluster (property)', () => {
  it('nobody but nodes sends VXLAN, nobody but servers reaches etcd', () => {
    fc.assert(
      fc.property(anyCluster, ipv4, fc.constantFrom('eth0', 'tailscale0', 'cni0'), (cluster, source, name) => {
        const nodes = new Set(cluster.hosts.flatMap(({ nodeIPs }) => nodeIPs))
        fc.pre(!nodes.has(source))
        for (const host of cluster.hosts) {
          const table = tableOf(cluster, host)
          expect(verdictOf(table, from(source, 'udp', 8472, name))).toBe('drop')
          // where sshd listens there, it is no etcd
          if (host.address.port !== 2379) expect(verdictOf(table, from(source, 'tcp', 2379, name))).toBe('drop')
          for (const other of cluster.hosts.filter(({ role }) => role === 'agent'))
            expect(verdictOf(table, from(other.nodeIPs[0] ?? '', 'tcp', 2380, name))).toBe('drop')
        }
      }),
    )
  })

  it('SSH gets in, and whatever keel does not guard', () => {
    fc.assert(
      fc.property(
        anyCluster,
        ipv4,
        fc.constantFrom('tcp', 'udp'),
        fc.integer({ min: 1, max: 65_535 }),
        (cluster, source, protocol, port) => {
          for (const host of cluster.hosts) {
            const table = tableOf(cluster, host)
            expect(verdictOf(table, from(source, 'tcp', host.address.port))).toBe('accept')
            const guarded = [6443, 2379, 2380, 10250, 8472, 51820, 51821].includes(port)
            if (!guarded) expect(verdictOf(table, from(source, protocol, port))).toBe('accept')
          }
        },
      ),
    )
  })

  it('the order of hosts changes no file', () => {
    fc.assert(
      fc.property(anyCluster, (cluster) => {
        const [host] = cluster.hosts
        if (host === undefined) return
        // a server's flags are the same on all of them
        const alike = cluster.hosts.map((one) => ({ ...one, k3s: {} }))
        const text = (hosts: readonly Host[]) => nftFile(tableOf({ ...cluster, hosts }, { ...host, k3s: {} }))
        expect(text(alike.toReversed())).toBe(text(alike))
      }),
    )
  })
})

describe("nft's language", () => {
  const rules = (matches: NftTable['rules'][number]['matches']): NftTable => ({
    family: 'inet',
    name: 'keel',
    chain: { name: 'input', hook: 'input', policy: 'accept' },
    rules: [{ matches, verdict: 'accept' }],
  })
  it.each([
    ['a quotation mark in an interface', { match: 'interface', name: 'et"h' }],
    ['an asterisk, which would stand for more', { match: 'interface', name: 'eth*' }],
    ['a line break', { match: 'interface', name: 'a\nb' }],
    ['no address', { match: 'source', family: 'ipv4', addresses: ['10.0.0.1 }'] }],
    ['an address of the other family', { match: 'source', family: 'ipv6', addresses: ['10.0.0.1'] }],
    ['a prefix that is none', { match: 'source', family: 'ipv4', addresses: ['10.0.0.0/33'] }],
    ['nobody', { match: 'source', family: 'ipv4', addresses: [] }],
    ['no port', { match: 'port', protocol: 'tcp', ports: [0] }],
    ['a port that is no number', { match: 'port', protocol: 'tcp', ports: [Number.NaN] }],
  ] as const)('has no form for %s', (_, match) => {
    expect(() => nftFile(rules([match]))).toThrow(
      expect.objectContaining({ code: 'nft-value', found: expect.stringContaining('in the firewall') }),
    )
  })

  it('has each network once: none inside another', () => {
    const host = { ...server, firewall: { api: ['10.0.0.0/8', '10.0.0.0/24', '192.0.2.0/24'] } }
    const [line] = nftFile(tableOf(sampleCluster([host]), host))
      .split('\n')
      .filter((one) => one.includes('ip saddr') && one.includes('6443'))
    expect(line).toContain('ip saddr { 10.0.0.0/8, 192.0.2.0/24 } tcp dport { 6443 } accept')
  })
})

it('hosts that are alike share one firewall: it names every node, and is made once', () => {
  const twin = sampleHost({ ...agent, name: 'twin' })
  const others = [
    sampleHost({ ...agent, name: 'port', address: { ...agent.address, port: 2222 } }),
    sampleHost({ ...agent, name: 'api', firewall: { api: ['10.0.0.0/8'] } }),
  ]
  const state = clusterStateOf(sampleCluster([server, agent, twin, ...others]))
  expect(state.partsOf(twin).firewall).toBe(state.partsOf(agent).firewall)
  for (const other of others) expect(state.partsOf(other).firewall).not.toEqual(state.partsOf(agent).firewall)
  expect(() => state.partsOf({ ...agent, address: { ...agent.address, port: 2223 } })).toThrow(
    'no host of this cluster',
  )
})

it('the widest of some networks are those that lie in no other, each once (property)', () => {
  const cidr = fc
    .tuple(fc.array(fc.nat(3), { minLength: 4, maxLength: 4 }), fc.nat(32))
    .map(([bytes, prefix]) => `${ipaddr.IPv4.networkAddressFromCIDR(`${bytes.join('.')}/${prefix}`)}/${prefix}`)
  const lies = (one: string, other: string) =>
    prefixOf(other) < prefixOf(one) && contains(other, one.slice(0, one.indexOf('/')))
  fc.assert(
    fc.property(fc.array(cidr, { maxLength: 12 }), (cidrs) => {
      const widest = [...new Set(cidrs)].filter((one) => !cidrs.some((other) => lies(one, other)))
      expect(widestOf(cidrs).toSorted()).toEqual(widest.toSorted())
    }),
  )
})
