import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Fault, FaultsError } from '../../../src/errors.ts'
import type { Definitions, HostSource, Source } from '../../../src/inventory/definitions.ts'
import { loadInventory } from '../../../src/inventory/load.ts'
import { resolveCluster } from '../../../src/inventory/resolve.ts'
import type { ClusterInput, HostInput, SecretsInput } from '../../../src/model/schema/input.ts'
import { makeVariant, type Variant } from './variant.ts'

const ROOT = new URL('../../../', import.meta.url).pathname
const ADMIN =
  /'(ssh-ed25519 [^']+)'/.exec(readFileSync(join(ROOT, 'test/cases/inventory/base/secrets.ts'), 'utf8'))?.[1] ?? ''

const source = (subject: string, input: unknown): Source => ({
  subject,
  file: `${subject}.ts`,
  input,
  locate: () => `${subject}.ts:1`,
  written: () => undefined,
  isUnread: () => false,
})

interface Inputs {
  readonly cluster?: ClusterInput
  readonly hosts: Readonly<Record<string, Omit<HostInput, 'address'>>>
  readonly secrets?: SecretsInput['secrets']
}

function definitions({ cluster = {}, hosts, secrets = {} }: Inputs): Definitions {
  return {
    // hosts have no address here that a firewall could go by
    cluster: source('hosts/cluster', { firewall: false, ...cluster }),
    secrets: source('secrets.ts', {
      admins: { ada: ADMIN },
      secrets: {
        'k3s-server-token': { readers: ['admins', 'servers'], generate: 'k3s-token' },
        'k3s-agent-token': { readers: ['admins', 'servers', 'agents'], generate: 'k3s-token' },
        ...secrets,
      },
    }),
    hosts: Object.entries(hosts).map(
      ([name, host]): HostSource => ({ ...source(`hosts/${name}`, { os: 'debian', address: name, ...host }), name }),
    ),
    strays: [],
  }
}

test('the example becomes the Cluster in test/cases/inventory/example.json', async () => {
  const { cluster } = await loadInventory(ROOT)
  await expect(`${JSON.stringify(cluster, null, 2)}\n`).toMatchFileSnapshot('../../cases/inventory/example.json')
})

test('of many readers that do not exist each is told, and what was meant by the first 50', () => {
  const readers = [
    'admins',
    ...Array.from({ length: 51 }, (_, index) => `ada${String.fromCharCode(97 + (index % 26))}`),
  ]
  const resolve = () =>
    resolveCluster(definitions({ hosts: { a: { role: 'server' } }, secrets: { wifi: { readers } } }))
  const faults = faultsOf(resolve).filter(({ code }) => code === 'reader-unknown')
  expect(faults.map(({ todo }) => todo)).toEqual([...Array(50).fill("did you mean 'ada'?"), undefined])
})

describe('what is not said', () => {
  test('has the documented defaults', () => {
    const cluster = resolveCluster(definitions({ hosts: { a: { role: 'server' } } }))
    expect(cluster).toMatchObject({
      name: 'keel',
      distribution: { kind: 'k3s', version: 'v1.36.3+k3s1', datastore: 'etcd' },
      networks: { cluster: ['10.42.0.0/16'], service: ['10.43.0.0/16'], domain: 'cluster.local' },
    })
    expect(cluster.hosts[0]).toEqual({
      name: 'a',
      os: 'debian',
      role: 'server',
      arch: 'amd64',
      firstServer: true,
      address: { user: 'root', host: 'a', port: 22 },
      nodeIPs: [],
      labels: {},
      taints: [],
      tags: [],
      network: {},
      k3s: {},
      firewall: false,
      keelAgent: false,
      files: [],
      manifests: [],
    })
  })

  test('comes from the cluster, and a host can say otherwise', () => {
    const { hosts } = resolveCluster(
      definitions({
        cluster: {
          defaults: {
            arch: 'arm64',
            user: 'core',
            port: 2222,
            labels: { zone: 'x', rack: '1' },
            taints: ['a:NoSchedule'],
          },
          k3s: { 'kubelet-arg': ['v=2'], 'secrets-encryption': true },
          files: { '/etc/motd': 'all', '/etc/issue': 'all' },
          manifests: { 'x.yaml': 'all' },
          registries: { mirrors: {} },
        },
        hosts: {
          a: { role: 'server', k3s: { 'kubelet-arg': 'v=4' }, manifests: { 'y.yaml': 'a' } },
          b: {
            role: 'agent',
            arch: 'amd64',
            labels: { zone: 'y' },
            taints: ['b:NoSchedule'],
            files: { '/etc/motd': { content: 'b', mode: '600' } },
          },
        },
      }),
    )
    expect(hosts).toMatchObject([
      {
        arch: 'arm64',
        address: { user: 'core', port: 2222 },
        k3s: { 'kubelet-arg': ['v=4'], 'secrets-encryption': true },
        manifests: [
          { name: 'x.yaml', content: 'all' },
          { name: 'y.yaml', content: 'a' },
        ],
        registries: { mirrors: {} },
      },
      {
        arch: 'amd64',
        labels: { rack: '1', zone: 'y' },
        taints: ['a:NoSchedule', 'b:NoSchedule'],
        // an agent ends at an option that only servers know
        k3s: { 'kubelet-arg': ['v=2'] },
        files: [
          { path: '/etc/issue', content: 'all', mode: '0644', owner: 'root', group: 'root' },
          { path: '/etc/motd', content: 'b', mode: '0600', owner: 'root', group: 'root' },
        ],
        manifests: [],
      },
    ])
    expect(hosts[1]?.k3s).not.toHaveProperty('secrets-encryption')
  })
})

test('the type of a machine is a label of the user’s own where k3s’s cloud controller does not run', async () => {
  const add = {
    b: "labels: { 'node.kubernetes.io/instance-type': 'cx22' },",
    cluster: "k3s: { 'disable-cloud-controller': true },",
  }
  const { cluster } = await loadInventory(makeVariant({ add }))
  expect(cluster.hosts.find(({ name }) => name === 'b')?.labels).toEqual({ 'node.kubernetes.io/instance-type': 'cx22' })
})

describe('the keel-agent', () => {
  const hosts = { a: { role: 'server' }, b: { role: 'agent', keelAgent: false } } as const
  const resolved = (keelAgent: ClusterInput['keelAgent']) =>
    resolveCluster(definitions({ cluster: { keelAgent }, hosts }))

  test('is on no host unless the inventory says so', () => {
    for (const cluster of [resolved(undefined), resolved(false)]) {
      expect(cluster).not.toHaveProperty('keelAgent')
      expect(cluster.hosts.map(({ keelAgent }) => keelAgent)).toEqual([false, false])
    }
  })

  test("has the kubelet's credential and divided rights by default, on every host that does not opt out", () => {
    const cluster = resolved(true)
    expect(cluster.keelAgent).toEqual({
      credential: { kind: 'kubelet' },
      rbac: 'split',
      port: 50_051,
      logLevel: 'info',
    })
    expect(cluster.hosts.map(({ keelAgent }) => keelAgent)).toEqual([true, false])
    expect(cluster.warnings.map(({ code }) => code)).not.toContain('keel-agent-one-role')
  })

  test('takes a token of somebody else, and one account for everything with a warning', () => {
    const cluster = resolved({
      tokenFile: '/etc/keel-agent/token',
      rbac: 'one-role',
      program: '/opt/bin/keel-agent',
      logLevel: 'debug',
    })
    expect(cluster.keelAgent).toEqual({
      credential: { kind: 'token', file: '/etc/keel-agent/token' },
      rbac: 'one-role',
      program: '/opt/bin/keel-agent',
      port: 50_051,
      logLevel: 'debug',
    })
    expect(cluster.warnings.map(({ code }) => code)).toContain('keel-agent-one-role')
  })
})

describe('order and readers', () => {
  const hosts = { d: { role: 'agent' }, c: { role: 'server' }, b: { role: 'server' }, a: { role: 'server' } } as const

  test('the first server said founds the cluster and stands first, then servers, then agents', () => {
    const cluster = resolveCluster(definitions({ cluster: { firstServer: 'c' }, hosts }))
    expect(cluster.hosts.map((host) => [host.name, host.firstServer])).toEqual([
      ['c', true],
      ['a', false],
      ['b', false],
      ['d', false],
    ])
    expect(cluster.warnings.map(({ code }) => code)).not.toContain('first-server-unsaid')
  })

  test('unsaid it is the first by name, with a warning', () => {
    const cluster = resolveCluster(definitions({ hosts }))
    expect(cluster.hosts[0]).toMatchObject({ name: 'a', firstServer: true })
    expect(cluster.warnings.map(({ code }) => code)).toContain('first-server-unsaid')
  })

  test.for([
    [1, undefined],
    [2, 'With 2 servers the cluster stops when either fails (etcd needs 2 of 2). Use 1 or 3.'],
    [3, undefined],
    [4, 'With 4 servers the cluster stops when 2 fail (etcd needs 3 of 4). Use 3 or 5.'],
    [5, undefined],
    [6, 'With 6 servers the cluster stops when 3 fail (etcd needs 4 of 6). Use 5 or 7.'],
  ] as const)('%i servers: %s', ([count, expected]) => {
    const servers = Object.fromEntries(
      Array.from({ length: count }, (_, index) => [`s${index}`, { role: 'server' as const }]),
    )
    const { warnings } = resolveCluster(definitions({ cluster: { firstServer: 's0' }, hosts: servers }))
    expect(warnings.find(({ code }) => code === 'even-servers')?.text).toBe(expected)
  })

  test('a dual-stack node has its addresses in the order of the networks', () => {
    const networks = { cluster: ['10.42.0.0/16', 'fd42::/56'], service: ['10.43.0.0/16', 'fd43::/112'] }
    const cluster = resolveCluster(
      definitions({ cluster: { networks }, hosts: { a: { role: 'server', nodeIP: ['FD00:0::1', '10.0.0.1'] } } }),
    )
    expect(cluster.hosts[0]?.nodeIPs).toEqual(['10.0.0.1', 'fd00::1'])
  })
})

const RIGHT: readonly (readonly [name: string, variant: Variant])[] = [
  [
    'labels that a kubelet may set',
    { add: { b: "labels: { 'topology.kubernetes.io/zone': 'z', 'node.kubernetes.io/pool': 'p' }," } },
  ],
  [
    'parts of another size for each family',
    {
      add: {
        cluster:
          "networks: { cluster: ['10.42.0.0/20', 'fd42::/66'], service: ['10.43.0.0/16', 'fd43::/112'] }, k3s: { 'kube-controller-manager-arg': ['node-cidr-mask-size-ipv4=26', 'node-cidr-mask-size-ipv6=80'] },",
      },
      edit: {
        a: ["nodeIP: '10.0.0.1'", "nodeIP: ['10.0.0.1', 'fd00::1']"],
        b: ["nodeIP: '10.0.0.2'", "nodeIP: ['10.0.0.2', 'fd00::2']"],
        c: ["nodeIP: '10.0.0.3'", "nodeIP: ['10.0.0.3', 'fd00::3']"],
      },
    },
  ],
  [
    'a package of the inventory’s own',
    {
      write: {
        'node_modules/roles/package.json': '{ "name": "roles", "type": "module", "exports": "./roles.js" }',
        'node_modules/roles/roles.js': "export const agent = 'agent'\n",
      },
      edit: {
        b: [
          "import { defineHost } from 'keel'",
          "import { agent } from 'roles'\nimport { defineHost } from 'keel'\nagent.trim()",
        ],
      },
    },
  ],
  [
    'a module by the way from its folder',
    {
      write: { 'hosts/shared.ts': "export const agent = 'agent' as const\n" },
      edit: {
        b: [
          "import { defineHost } from 'keel'",
          "import { agent } from '../shared.ts'\nimport { defineHost } from 'keel'\nagent.trim()",
        ],
      },
    },
  ],
  [
    'the flag of one family, in a cluster of that family',
    { add: { cluster: "k3s: { 'kube-controller-manager-arg': ['node-cidr-mask-size-ipv4=25'] }," } },
  ],
  ['the control plane taint', { add: { a: "taints: ['node-role.kubernetes.io/control-plane:NoSchedule']," } }],
  ['a build of its own', { add: { cluster: "version: 'v1.36.0-rc1+lookalike'," } }],
  ['a narrower kubeconfig', { add: { cluster: "k3s: { 'write-kubeconfig-mode': '0400' }," } }],
  ['IPv6 in brackets, with a port', { edit: { b: ["'root@10.0.0.2'", "'admin@[fd00::2]:2222'"] } }],
  [
    'a reference to a secret that the host may read',
    {
      add: { b: "k3s: { 'vpn-auth': { secret: 'vpn' } }," },
      edit: { secrets: ["    'k3s-server-token'", "    vpn: { readers: ['ada', 'b'] },\n    'k3s-server-token'"] },
    },
  ],
  [
    'types, satisfies and a shared file',
    {
      write: {
        'hosts/common.ts':
          "import type { HostInput } from 'keel'\nexport const agent = { os: 'debian', role: 'agent' } satisfies Partial<HostInput>\n",
        'hosts/d/host.ts': `import { defineHost } from 'keel'\nimport { agent } from '../common.ts'\nconst port: number = await Promise.resolve(22)\nexport default defineHost({ ...agent, address: \`10.0.0.4:\${port}\` })\n`,
      },
    },
  ],
]

test.for(RIGHT)('is right: %s', async ([, variant]) => {
  await expect(loadInventory(makeVariant(variant))).resolves.toBeDefined()
})

describe('lists of the cluster and of a host', () => {
  const hostOf = (cluster: object, host: object) =>
    resolveCluster(definitions({ cluster, hosts: { a: { role: 'server', ...host } } })).hosts[0]

  test.for([
    [
      'of one key and effect the own taint holds',
      ['pool=general:NoSchedule'],
      ['pool=gpu:NoSchedule'],
      ['pool=gpu:NoSchedule'],
    ],
    ['with a value and without is the same taint', ['a=:NoExecute'], ['a:NoExecute'], ['a:NoExecute']],
    [
      'another effect is another taint',
      ['pool=x:NoSchedule'],
      ['pool=x:NoExecute'],
      ['pool=x:NoSchedule', 'pool=x:NoExecute'],
    ],
    ['nothing is there twice', ['a:NoSchedule', 'b:NoSchedule'], ['a:NoSchedule'], ['b:NoSchedule', 'a:NoSchedule']],
  ] as const)('taints: %s', ([, defaults, own, merged]) => {
    expect(hostOf({ defaults: { taints: defaults } }, { taints: own })?.taints).toEqual(merged)
  })

  test.for([
    [
      'tls-san',
      ['api.example', 'fd00::1'],
      ['API.example', 'fd00:0::1', 'b.example'],
      ['api.example', 'fd00::1', 'b.example'],
    ],
    ['kubelet-arg', ['max-pods=110', 'v=2'], ['max-pods=200'], ['v=2', 'max-pods=200']],
    ['kubelet-arg', ['max_pods=110'], ['max-pods=200'], ['max-pods=200']],
    [
      'kubelet-arg',
      ['feature-gates=A=true'],
      ['feature-gates=B=true'],
      ['feature-gates=A=true', 'feature-gates=B=true'],
    ],
    [
      'kube-apiserver-arg',
      ['audit-log-maxage+=1'],
      ['audit-log-maxage+=2'],
      ['audit-log-maxage+=1', 'audit-log-maxage+=2'],
    ],
    ['airgap-extra-registry', ['a.example'], ['b.example', 'a.example'], ['b.example', 'a.example']],
    ['kubelet-arg', ['v=2'], [], ['v=2']],
  ] as const)('%s: %j and %j', ([flag, cluster, host, merged]) => {
    expect(hostOf({ k3s: { [flag]: cluster } }, { k3s: { [flag]: host } })?.k3s[flag]).toEqual(merged)
  })

  test('registries: by the name of a mirror and of a config', () => {
    const mirror = (name: string) => ({ endpoint: [`https://${name}`] })
    const cluster = {
      registries: {
        mirrors: { 'docker.io': mirror('all'), 'ghcr.io': mirror('all') },
        configs: { all: { auth: { username: 'u' } } },
      },
    }
    const host = { registries: { mirrors: { 'docker.io': mirror('own') }, configs: { own: {} } } }
    expect(hostOf(cluster, host)?.registries).toEqual({
      mirrors: { 'docker.io': mirror('own'), 'ghcr.io': mirror('all') },
      configs: { all: { auth: { username: 'u' } }, own: {} },
    })
  })

  test('no entry is lost, and none is there twice', () => {
    const entry = fc.constantFrom('v=1', 'v=2', 'a=1', 'a=2', 'feature-gates=A=true', 'feature-gates=B=true', 'b')
    const list = fc.uniqueArray(entry, { selector: (one) => (one.startsWith('feature') ? one : one.split('=')[0]) })
    fc.assert(
      fc.property(list, list, (cluster, host) => {
        const merged = [
          hostOf({ k3s: { 'kubelet-arg': cluster } }, { k3s: { 'kubelet-arg': host } })?.k3s['kubelet-arg'] ?? [],
        ].flat()
        expect(merged).toEqual([...new Set(merged)])
        expect(merged.slice(merged.length - host.length)).toEqual(host)
        const keys = (entries: readonly unknown[]) => new Set(entries.map((one) => String(one).split('=')[0]))
        expect(keys(merged)).toEqual(keys([...cluster, ...host]))
      }),
      { numRuns: 200 },
    )
  })
})

test('tags: those of all hosts and its own, sorted, each once', () => {
  const { hosts } = resolveCluster(
    definitions({
      cluster: { defaults: { tags: ['rack1', 'all'] } },
      hosts: { a: { role: 'server' }, b: { role: 'agent', tags: ['gpu', 'all'] } },
    }),
  )
  expect(hosts.map(({ tags }) => tags)).toEqual([
    ['all', 'rack1'],
    ['all', 'gpu', 'rack1'],
  ])
})

describe('for any inventory', () => {
  const role = fc.constantFrom('server' as const, 'agent' as const)
  const inputs = fc.dictionary(
    fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/).filter((name) => name !== 'ada' && !['servers', 'agents'].includes(name)),
    fc.record(
      {
        role,
        arch: fc.constantFrom('amd64' as const, 'arm64' as const),
        labels: fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.stringMatching(/^[a-z0-9]{0,8}$/)),
        k3s: fc.constantFrom({ 'kubelet-arg': ['v=2'] }, { 'pause-image': 'x' }),
      },
      { requiredKeys: ['role'] },
    ),
    { minKeys: 1, maxKeys: 8 },
  )

  test('the order in which hosts are told changes nothing, and nothing in a Cluster can be changed', () => {
    fc.assert(
      fc.property(inputs, fc.gen(), (hosts, gen) => {
        const all = { first: { role: 'server' as const }, ...hosts }
        const cluster = resolveCluster(definitions({ hosts: all }))
        const names = Object.keys(all)
        const shuffled = gen(fc.shuffledSubarray, names, { minLength: names.length })
        const again = resolveCluster(
          definitions({ hosts: Object.fromEntries(shuffled.map((name) => [name, all[name as 'first']])) }),
        )
        expect(again.hosts).toEqual(cluster.hosts)
        expect(again.secrets).toEqual(cluster.secrets)
        expect(JSON.parse(JSON.stringify(cluster))).toEqual(cluster)
        expect(thawed(cluster)).toEqual([])
      }),
      { numRuns: 100 },
    )
  })
})

/** Paths of all that is not frozen. */
function thawed(value: unknown, path = 'cluster'): string[] {
  if (typeof value !== 'object' || value === null) return []
  const inside = Object.entries(value).flatMap(([key, inner]) => thawed(inner, `${path}.${key}`))
  return Object.isFrozen(value) ? inside : [path, ...inside]
}

function faultsOf(resolve: () => unknown): readonly Fault[] {
  try {
    resolve()
  } catch (error) {
    if (error instanceof FaultsError) return error.faults
    throw error
  }
  return []
}
