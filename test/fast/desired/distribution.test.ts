import { describe, expect, it, test } from 'vitest'
import { clusterStateOf } from '../../../src/desired/cluster-state.ts'
import { k3sConfig } from '../../../src/desired/distribution/k3s/config.ts'
import type { Join } from '../../../src/desired/host-state.ts'
import { hostStateOf } from '../../../src/desired/host-state-of.ts'
import type { Surroundings } from '../../../src/desired/surroundings.ts'
import type { SecretName } from '../../../src/model/brands.ts'
import type { Cluster, Host } from '../../../src/model/cluster.ts'
import type { K3s } from '../../../src/model/distribution/distribution.ts'
import { k3sServiceOf } from '../../../src/targets/k3s-service-of.ts'
import { sampleCluster, sampleHost, sampleK3s, sampleSurroundings } from '../../support/samples/sample-cluster.ts'

const ocean = sampleHost({ name: 'ocean', role: 'server', firstServer: true, nodeIPs: ['10.0.0.1'] })
const reef = sampleHost({ name: 'reef', role: 'server', nodeIPs: ['10.0.0.2'] })
const maia = sampleHost({ name: 'maia', nodeIPs: ['10.0.0.3'] })
const hosts = [ocean, reef, maia]
const nothing = {
  ...{ packages: [], programs: [], repositories: [], hostPaths: [] },
  reserve: { milliCores: 0, memory: 0 },
}

const stateOf = (host: Host, over: Partial<Cluster> = {}, surroundings: Partial<Surroundings> = {}) =>
  hostStateOf(clusterStateOf(sampleCluster(hosts, over)), host, { ...sampleSurroundings, ...surroundings })
const distributionOf = (...of: Parameters<typeof stateOf>) => stateOf(...of).distribution

describe('k3s is healthy on', () => {
  it.each<[string, Host, readonly string[]]>([
    ['a server when its API and its Node are', ocean, ['api', 'node']],
    ['an agent when its Node is', maia, ['node']],
    ['a server without a Node when its API is', { ...ocean, k3s: { 'disable-agent': true } }, ['api']],
    ['a server that says it has a Node when both are', { ...ocean, k3s: { 'disable-agent': false } }, ['api', 'node']],
  ])('%s', (_what, host, healthy) => {
    expect(distributionOf(host).services.map((service) => service.healthy)).toEqual([healthy])
  })
})

test('a server without the agent of k3s has joined as a Node by the certificate of keel-vkubelet', () => {
  const { past } = distributionOf({ ...ocean, systemdKubelet: nothing })
  expect(past).toMatchObject({
    agent: '/var/lib/keel/vkubelet/client/client.crt',
    server: distributionOf(ocean).past.server,
  })
})

test('k3s asks kubelets directly as soon as one Node has no agent of k3s', () => {
  const systemd = { ...maia, systemdKubelet: nothing }
  const modeOf = (host: Host, all: readonly Host[]) => k3sConfig(sampleCluster(all), host).plain['egress-selector-mode']
  expect([ocean, reef].map((host) => modeOf(host, [ocean, reef, systemd]))).toEqual(['disabled', 'disabled'])
  expect(modeOf(ocean, hosts)).toBeUndefined()
  // agents don't know the flag
  expect(modeOf(maia, [ocean, maia, { ...reef, systemdKubelet: nothing }])).toBeUndefined()
})

// docs.k3s.io/installation/requirements
describe('k3s listens', () => {
  const everywhere = ['tcp:10250', 'udp:8472']
  it.each<[string, Host, K3s['datastore'], readonly string[]]>([
    ['on a server with etcd', ocean, 'etcd', [...everywhere, 'tcp:6443', 'tcp:2379', 'tcp:2380']],
    ['on a server with sqlite', ocean, 'sqlite', [...everywhere, 'tcp:6443']],
    ['on an agent', maia, 'etcd', everywhere],
  ])('%s', (_what, host, datastore, ports) => {
    expect(distributionOf(host, { distribution: sampleK3s({ datastore }) }).ports).toEqual(ports)
  })
})

/** What k3s reads while it has no data, and what keel leaves there. */
describe('a host gets in', () => {
  const found: Join = { kind: 'found' }
  const alone: Join = { kind: 'alone' }
  const to = (address: string): Join => ({ kind: 'join', server: `https://${address}:6443` })
  const keepalived = { vip: { address: '10.0.0.100', manager: 'keepalived' } } as const
  const kubeVip = { vip: { address: '10.0.0.100', manager: 'kube-vip' } } as const
  const [atOcean, atReef, atVip] = ['10.0.0.1', '10.0.0.2', '10.0.0.100'].map(to) as [Join, Join, Join]

  it.each<[string, Host, Host | undefined, Partial<Cluster & { vipStands: boolean }>, Join, readonly Join[]]>([
    ['the first server founds', ocean, undefined, {}, found, [atReef]],
    ['the first server of a wiped machine joins another', ocean, reef, {}, atReef, [found]],
    ['a server joins the first one', reef, ocean, {}, atOcean, []],
    ['an agent joins the first server', maia, ocean, {}, atOcean, [atReef]],
    ['an agent joins another server', maia, reef, {}, atReef, [atOcean]],
    ['a server on sqlite is alone', ocean, undefined, { distribution: sampleK3s({ datastore: 'sqlite' }) }, alone, []],
    [
      'an agent beside sqlite joins',
      maia,
      ocean,
      { distribution: sampleK3s({ datastore: 'sqlite' }) },
      atOcean,
      [atReef],
    ],
    ['the first server founds beside an address', ocean, undefined, keepalived, found, [atVip, atReef]],
    ['a server joins through the address of keepalived', reef, ocean, keepalived, atVip, [atOcean]],
    ['an agent joins through the address of keepalived', maia, ocean, keepalived, atVip, [atOcean, atReef]],
    ['a server joins another, as kube-vip comes with it', reef, ocean, kubeVip, atOcean, [atVip]],
    ['an agent joins through the address of kube-vip', maia, ocean, kubeVip, atVip, [atOcean, atReef]],
    [
      'an agent joins a server while no server has the address',
      maia,
      ocean,
      { ...keepalived, vipStands: false },
      atOcean,
      [atVip, atReef],
    ],
  ])('%s', (_what, host, through, { vipStands = true, ...over }, join, others) => {
    const { join: way, otherWaysIn } = k3sServiceOf({
      distribution: distributionOf(host, over, { joinThrough: () => through, vipStands }),
    })
    expect({ join: way, others: otherWaysIn }).toEqual({ join, others })
  })
})

describe('the CA of the inventory founds a cluster', () => {
  const key = 'k3s-server-ca-key' as SecretName
  const certificatePem = '-----BEGIN CERTIFICATE-----\nQUFB\n-----END CERTIFICATE-----\n'
  const withoutKey = {
    distribution: sampleK3s({ secrets: { serverToken: 'a' as SecretName, agentToken: 'b' as SecretName } }),
  }
  const place = [
    {
      kind: 'place-ca',
      certificatePem,
      key,
      certificatePath: '/var/lib/rancher/k3s/server/tls/server-ca.crt',
      keyPath: '/var/lib/rancher/k3s/server/tls/server-ca.key',
    },
  ]

  it.each<[string, Host, Host | undefined, Partial<Cluster>, readonly unknown[]]>([
    ['on the first server', ocean, undefined, {}, place],
    ['not where the first server joins another', ocean, reef, {}, []],
    ['not on another host that no server lets in', reef, undefined, {}, []],
    ['not without its key: the cluster was taken over', ocean, undefined, withoutKey, []],
  ])('%s', (_what, host, through, over, once) => {
    expect(distributionOf(host, over, { joinThrough: () => through, caCertificate: certificatePem }).once).toEqual(once)
  })

  it('and a certificate that is missing is a fault', () => {
    const { caCertificate: _, ...without } = sampleSurroundings
    const rendered = () =>
      hostStateOf(clusterStateOf(sampleCluster(hosts)), ocean, { ...without, joinThrough: () => undefined })
    expect(rendered).toThrow(
      expect.objectContaining({
        code: 'ca-certificate-missing',
        at: 'secrets/server-ca.crt',
        todo: expect.stringContaining('keel rekey'),
      }),
    )
  })
})

it('k3s applies the manifests of keel’s own parts on servers alone', () => {
  const kubeVip = { vip: { address: '10.0.0.100', manager: 'kube-vip' } } as const
  expect(hosts.map((host) => stateOf(host, kubeVip).manifests.length)).toEqual([1, 1, 0])
})

describe('of a server’s own names, its certificate gets', () => {
  const san = (over: Partial<Host>, cluster: Partial<Cluster> = {}) =>
    k3sServiceOf({ distribution: distributionOf({ ...ocean, ...over }, cluster) }).config['tls-san']
  it.each<[string, Partial<Host>, Partial<Cluster>, readonly string[]]>([
    ['its addresses', {}, {}, ['10.0.0.1', 'ocean.example']],
    ['the user’s names', { k3s: { 'tls-san': ['api.example'] } }, {}, ['10.0.0.1', 'api.example', 'ocean.example']],
    [
      'the address that moves',
      {},
      { vip: { address: '10.0.0.100', manager: 'kube-vip' } },
      ['10.0.0.1', '10.0.0.100', 'ocean.example'],
    ],
    [
      'no address of one machine’s link',
      { address: { user: 'root', host: 'fe80::1%eth0', port: 22 } },
      {},
      ['10.0.0.1'],
    ],
  ])('%s', (_what, over, cluster, names) => {
    expect(san(over, cluster)).toEqual(names)
  })
})
