import { describe, expect, it } from 'vitest'
import { k3sPlaces } from '../../../../src/desired/distribution/k3s/access.ts'
import type { Cluster } from '../../../../src/model/cluster.ts'
import { backendNotes } from '../../../../src/plan/notes/flannel-backend.ts'
import { fixedRefusals } from '../../../../src/plan/refusals/fixed-at-first-start.ts'
import { settingsOfWords } from '../../../../src/probes/distribution/k3s-settings.ts'
import type { FilesFacts } from '../../../../src/probes/facts.ts'
import { sampleCluster, sampleHost, sampleK3s } from '../../../support/samples/sample-cluster.ts'
import { emptyFacts, withServices } from '../../../support/samples/sample-facts.ts'

const networks = { cluster: ['10.42.0.0/16'], service: ['10.43.0.0/16'], domain: 'cluster.local' }
/** As k3s takes them on a node with an IPv6 address. */
const ipv6 = { cluster: ['fd00:42::/56'], service: ['fd00:43::/112'], domain: 'cluster.local' }
const server = (over: Partial<Parameters<typeof sampleHost>[0]> = {}) =>
  sampleHost({ role: 'server', firstServer: true, ...over, name: 'ocean' })

const rendered = { places: k3sPlaces }

/** A server that runs, started with these words. */
function running(words: readonly string[], over: Partial<FilesFacts> = {}): FilesFacts {
  const facts = emptyFacts(server().name)
  return {
    ...withServices(facts, { active: 'active', enabled: 'enabled' }),
    past: { server: true, agent: true },
    run: { ...facts.run, datastore: 'etcd' },
    status: { kubeletVersion: 'v1.36.3+k3s1', podCIDRs: [], addresses: [], startedWith: settingsOfWords(words) },
    ...over,
  }
}

/** What is refused: `flag: is → wanted`. */
function refused(facts: FilesFacts, over: Partial<Cluster> = {}, host = server()): readonly string[] {
  return fixedRefusals(sampleCluster([host], over), [{ host, facts, rendered }]).map(({ code, found }) => {
    expect(code).toBe('fixed-at-first-start')
    const [, what, is, wanted] =
      /^([a-z-]+): (?:the cluster|the server) runs with (.*), the inventory wants (.*)$/.exec(found) ?? []
    return `${what}: ${is} → ${wanted}`
  })
}

describe('what k3s has settled at its first start', () => {
  it.each<[string, readonly string[], Partial<Cluster>, readonly string[]]>([
    ['defaults on both sides', [], {}, []],
    ['written out and left out', ['--cluster-cidr=10.42.0.0/16', '--cluster-domain', 'cluster.local'], {}, []],
    [
      'another cluster network',
      ['--cluster-cidr', '10.42.0.0/16'],
      { networks: { ...networks, cluster: ['10.52.0.0/16'] } },
      ['cluster-cidr: 10.42.0.0/16 → 10.52.0.0/16'],
    ],
    [
      'k3s’s default cluster network',
      [],
      { networks: { ...networks, cluster: ['10.52.0.0/16'] } },
      ['cluster-cidr: 10.42.0.0/16 → 10.52.0.0/16'],
    ],
    [
      'a second family',
      ['--cluster-cidr', '10.42.0.0/16'],
      { networks: { ...networks, cluster: ['10.42.0.0/16', 'fd42::/56'] } },
      ['cluster-cidr: 10.42.0.0/16 → 10.42.0.0/16, fd42::/56'],
    ],
    [
      'two families, in words of their own',
      ['--cluster-cidr=10.42.0.0/16,fd42:0::/56'],
      { networks: { ...networks, cluster: ['10.42.0.0/16', 'fd42::/56'] } },
      [],
    ],
    [
      'another service network, and with it the address of DNS',
      ['--service-cidr', '10.43.0.0/16'],
      { networks: { ...networks, service: ['10.53.0.0/16'] } },
      ['service-cidr: 10.43.0.0/16 → 10.53.0.0/16', 'cluster-dns: 10.43.0.10 → 10.53.0.10'],
    ],
    ['the address of DNS that k3s takes anyway', ['--cluster-dns', '10.43.0.10'], {}, []],
    ['another address of DNS', ['--cluster-dns', '10.43.0.11'], {}, ['cluster-dns: 10.43.0.11 → 10.43.0.10']],
    [
      'another domain',
      [],
      { networks: { ...networks, domain: 'k3s.internal' } },
      ['cluster-domain: cluster.local → k3s.internal'],
    ],
    ['encryption that ends', ['--secrets-encryption'], {}, ['secrets-encryption: true → false']],
    [
      'another provider',
      ['--secrets-encryption', '--secrets-encryption-provider', 'secretbox'],
      {},
      ['secrets-encryption: true → false', 'secrets-encryption-provider: secretbox → aescbc'],
    ],
    [
      'another size of the nodes’ networks',
      ['--kube-controller-manager-arg=node-cidr-mask-size=22'],
      {},
      ["node-cidr-mask-size: node-cidr-mask-size=22 → k3s's default"],
    ],
    ['the size that Kubernetes takes anyway', ['--kube-controller-manager-arg', 'node-cidr-mask-size=24'], {}, []],
    ['k3s’s defaults on a node with an IPv6 address', ['--node-ip=fd00::5'], { networks: ipv6 }, []],
    [
      'the same, written out',
      ['--node-ip=fd00::5', '--cluster-cidr', 'fd00:42::/56', '--cluster-dns', 'fd00:43::a'],
      { networks: ipv6 },
      [],
    ],
    ['two addresses, IPv6 first', ['--node-ip', 'fd00::5,10.0.0.5'], { networks: ipv6 }, []],
    ['two addresses, IPv4 first', ['--node-ip', '10.0.0.5,fd00::5'], {}, []],
    [
      'k3s’s defaults on a node with an IPv6 address, and those of IPv4 are wanted',
      ['--node-ip=fd00::5'],
      {},
      [
        'cluster-cidr: fd00:42::/56 → 10.42.0.0/16',
        'service-cidr: fd00:43::/112 → 10.43.0.0/16',
        'cluster-dns: fd00:43::a → 10.43.0.10',
      ],
    ],
    [
      'other networks of IPv6',
      ['--node-ip=fd00::5'],
      { networks: { ...ipv6, cluster: ['fd42::/56'] } },
      ['cluster-cidr: fd00:42::/56 → fd42::/56'],
    ],
    [
      'the size that Kubernetes takes for IPv6 anyway',
      ['--node-ip=fd00::5', '--kube-controller-manager-arg=node-cidr-mask-size=64'],
      { networks: ipv6 },
      [],
    ],
    [
      'the size that is usual for IPv4 alone',
      ['--node-ip=fd00::5', '--kube-controller-manager-arg=node-cidr-mask-size=24'],
      { networks: ipv6 },
      ["node-cidr-mask-size: node-cidr-mask-size=24 → k3s's default"],
    ],
    ['another datastore', [], { distribution: sampleK3s({ datastore: 'sqlite' }) }, ['datastore: etcd → sqlite']],
  ])('%s', (_what, words, over, expected) => expect(refused(running(words), over)).toEqual(expected))

  it.each([
    ['sqlite', 'etcd', ['datastore: sqlite → etcd']],
    ['sqlite', 'sqlite', []],
    ['external', 'etcd', ['datastore: an external database → etcd']],
  ] as const)('data in %s, the inventory wants %s', (datastore, wanted, expected) => {
    const facts = running([])
    expect(
      refused({ ...facts, run: { ...facts.run, datastore } }, { distribution: sampleK3s({ datastore: wanted }) }),
    ).toEqual(expected)
  })

  it('k3s’s defaults where only the Node shows its address', () => {
    const status = { kubeletVersion: '', podCIDRs: ['fd00:42::/64'], addresses: ['fd00::5'], startedWith: {} }
    expect(refused(running([], { status }), { networks: ipv6 })).toEqual([])
    expect(refused(running([], { status }))).toContain('cluster-cidr: fd00:42::/56 → 10.42.0.0/16')
  })

  it('encryption that begins', () => {
    expect(refused(running([]), {}, server({ k3s: { 'secrets-encryption': true } }))).toEqual([
      'secrets-encryption: false → true',
    ])
  })

  it('the address by which etcd knows a server, as its Node has it', () => {
    const facts = running([])
    const at = (address: string) => ({ ...facts, status: { kubeletVersion: '', podCIDRs: [], addresses: [address] } })
    const host = server({ nodeIPs: ['10.0.0.2'] })
    expect(refused(at('10.0.0.1'), {}, host)).toEqual(['node-ip: 10.0.0.1 → 10.0.0.2'])
    expect(refused(at('10.0.0.2'), {}, host)).toEqual([])
    expect(refused(at('10.0.0.1'))).toEqual([])
    expect(
      refused(
        { ...at('10.0.0.1'), run: { ...facts.run, datastore: 'sqlite' } },
        { distribution: sampleK3s({ datastore: 'sqlite' }) },
        host,
      ),
    ).toEqual([])
  })

  it('a network that only the Node itself shows', () => {
    const status = { kubeletVersion: '', podCIDRs: ['10.99.1.0/24'], addresses: [], startedWith: {} }
    expect(refused(running([], { status }))).toEqual(['cluster-cidr: 10.99.1.0/24 for this node → 10.42.0.0/16'])
  })
})

describe('where k3s does not run', () => {
  const stopped = (configured: FilesFacts['run']['configured'], over: Partial<FilesFacts> = {}): FilesFacts => {
    const { status: _, ...facts } = withServices(running([]), { active: 'inactive' })
    return { ...facts, run: { ...facts.run, configured }, ...over }
  }
  const other = { 'cluster-cidr': ['10.52.0.0/16'] }

  it('its files say what it was started with', () => {
    expect(refused(stopped(other))).toEqual(['cluster-cidr: 10.52.0.0/16 → 10.42.0.0/16'])
    expect(refused(stopped({}))).toEqual([])
  })

  it('k3s’s default is not guessed where nobody knows the node’s address', () => {
    expect(refused(stopped({ 'cluster-domain': ['cluster.local'] }), { networks: ipv6 })).toEqual([])
    expect(refused(stopped({ 'node-ip': ['10.0.0.5'] }), { networks: ipv6 })).toContain(
      'cluster-cidr: 10.42.0.0/16 → fd00:42::/56',
    )
  })

  it.each(['unconfirmed', 'restartPending'] as const)('files that an earlier deploy left %s say nothing', (mark) => {
    const { generation } = stopped(other)
    expect(refused(stopped(other, { generation: { ...generation, [mark]: true } }))).toEqual([])
  })

  it('a host without data is asked for nothing', () => {
    const facts = stopped(other, { past: { server: false, agent: false } })
    const { datastore: _, ...run } = facts.run
    expect(refused({ ...facts, run })).toEqual([])
  })
})

it('three servers are one answer', () => {
  const hosts = ['a', 'b', 'c'].map((name) => sampleHost({ role: 'server', name }))
  const cluster = sampleCluster(hosts, { networks: { ...networks, domain: 'other' } })
  expect(
    fixedRefusals(
      cluster,
      hosts.map((host) => ({ host, facts: running([]), rendered })),
    ).map(({ at }) => at),
  ).toEqual(['a'])
})

it('another flannel backend is a note', () => {
  const host = server({ k3s: { 'flannel-backend': 'wireguard-native' } })
  const notes = (words: readonly string[]) => backendNotes(sampleCluster([host]), [{ host, facts: running(words) }])
  expect(notes([]).map(({ code }) => code)).toEqual(['flannel-backend-changes'])
  expect(notes(['--flannel-backend', 'wireguard-native'])).toEqual([])
  expect(refused(running([]), {}, host)).toEqual([])
})
