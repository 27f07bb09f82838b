import { describe, expect, it } from 'vitest'
import type { KubernetesVersion, SecretName } from '../../../src/model/brands.ts'
import type { Cluster, Host, VirtualIp } from '../../../src/model/cluster.ts'
import { stepOf } from '../../../src/model/distribution/once-step.ts'
import { ofNode } from '../../../src/model/distribution/service.ts'
import type { SystemdKubelet } from '../../../src/model/systemd-kubelet/systemd-kubelet.ts'
import { renderedOf } from '../../../src/targets/render.ts'
import { kubeadmSurroundings, sampleKubeadm } from '../../support/samples/kubeadm-cluster.ts'
import { sampleCluster, sampleHost, sampleK3s, sampleSurroundings } from '../../support/samples/sample-cluster.ts'
import { filesOf } from '../../support/samples/sample-facts.ts'

const first = sampleHost({
  name: 'ocean',
  role: 'server',
  firstServer: true,
  nodeIPs: ['10.0.0.1'],
  firewall: { api: ['0.0.0.0/0', '::/0'] },
  k3s: { 'tls-san': ['api.example'], disable: ['traefik'], 'secrets-encryption': true },
})
const second = sampleHost({ name: 'reef', role: 'server', nodeIPs: ['10.0.0.2', 'fd00::2'] })
const agent = sampleHost({
  name: 'maia',
  nodeIPs: ['100.64.0.5'],
  labels: { 'example.com/tier': 'edge' },
  taints: ['example.com/region=south:NoSchedule'],
  network: { interface: 'tailscale0' },
  firewall: { api: ['203.0.113.0/24', '10.0.0.0/24', 'fd01::/64'] },
})
const plainAgent = sampleHost({ name: 'dune', nodeIPs: ['10.0.0.3'] })
const kubeadm = { distribution: sampleKubeadm }
const old = { distribution: { ...sampleKubeadm, version: 'v1.35.4' as KubernetesVersion } }
const managedBy = (vip: Omit<VirtualIp, 'address'>) => ({ vip: { address: '10.0.0.100', ...vip } })
const withVip = { vip: { address: '10.0.0.100', manager: 'keepalived' } } as const
const keelAgent = { credential: { kind: 'kubelet' }, rbac: 'split', port: 50_051, logLevel: 'info' } as const
const withSecrets = sampleHost({
  name: 'dune',
  role: 'server',
  k3s: { 'datastore-endpoint': { secret: 'database' as SecretName } },
  registries: {
    configs: { 'registry.example': { auth: { username: 'u', password: { secret: 'registry' as SecretName } } } },
  },
})

const systemdKubelet: SystemdKubelet = {
  packages: ['postgresql-*', 'uptimed'],
  programs: ['/usr/bin/*'],
  repositories: [
    {
      name: 'own',
      uris: ['https://packages.example/debian'],
      suites: ['bookworm'],
      components: ['main'],
      signedBy: '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nxgIEAA==\n-----END PGP PUBLIC KEY BLOCK-----\n',
      login: { user: 'farm', password: { secret: 'packages-password' as SecretName } },
    },
  ],
  hostPaths: [{ path: '/srv/media', readOnly: true }],
  reserve: { milliCores: 250, memory: 2 ** 29 },
}
const systemdAgent = sampleHost({
  name: 'farm-1',
  nodeIPs: ['10.0.0.21'],
  labels: { 'example.com/tier': 'edge' },
  taints: ['virtual-kubelet.io/provider=systemd:NoSchedule'],
  systemdKubelet,
})
const bare: SystemdKubelet = { ...systemdKubelet, packages: [], programs: [], repositories: [], hostPaths: [] }

/** Everything a host gets, as one reviewable text. */
function renderedText(cluster: Cluster, host: Host): string {
  const { files, links, directories, credentials, artifacts, services, once } = filesOf(
    renderedOf(cluster, host, cluster.distribution.kind === 'kubeadm' ? kubeadmSurroundings : sampleSurroundings),
  )
  const foundation = stepOf(once, 'place-ca')
  const shape = {
    unit: ofNode(services).unit,
    artifacts: artifacts.map(({ name, path }) => ({ name, path })),
    links: links.map(({ path, target }) => `${path} → ${target}`),
    directories: directories.map(({ path, mode, owned }) => `${mode} ${path}${owned === true ? ' (always)' : ''}`),
    credentials: credentials.map(({ id, path, content }) => ({ id, path, content })),
    foundation:
      foundation === undefined
        ? null
        : { key: foundation.key, keyPath: foundation.keyPath, certificatePath: foundation.certificatePath },
  }
  const texts = files.map(
    ({ path, mode, owner, group, content }) => `=== ${path} (${mode} ${owner}:${group})\n${content}`,
  )
  return [`${JSON.stringify(shape, null, 2)}\n`, ...texts].join('\n')
}

// regenerate with `npx vitest run --project fast -u`, then review the diff like code
describe('what a Debian host gets', () => {
  it.each([
    ['agent-with-systemd-kubelet', systemdAgent, sampleCluster([first, second, systemdAgent])],
    [
      'agent-with-systemd-kubelet-and-keel-agent',
      { ...systemdAgent, systemdKubelet: bare, keelAgent: true },
      sampleCluster([first, second, { ...systemdAgent, systemdKubelet: bare, keelAgent: true }], { keelAgent }),
    ],
    [
      'server-with-systemd-kubelet',
      { ...second, systemdKubelet: bare },
      sampleCluster([first, { ...second, systemdKubelet: bare }]),
    ],
    [
      'kubeadm-worker-with-systemd-kubelet',
      { ...systemdAgent, systemdKubelet: bare },
      sampleCluster([{ ...first, k3s: {} }, systemdAgent], kubeadm),
    ],
    ['first-server', first, sampleCluster([first, second, agent])],
    ['second-server', second, sampleCluster([first, second, agent])],
    ['agent-behind-tailscale', agent, sampleCluster([first, second, agent])],
    ['first-server-with-vip', { ...first, k3s: {} }, sampleCluster([{ ...first, k3s: {} }, second, agent], withVip)],
    [
      'first-server-with-kube-vip',
      { ...first, k3s: {} },
      sampleCluster([{ ...first, k3s: {} }, second, agent], managedBy({ manager: 'kube-vip' })),
    ],
    ['second-server-with-kube-vip', second, sampleCluster([first, second, agent], managedBy({ manager: 'kube-vip' }))],
    [
      'first-server-with-ha-vip',
      { ...first, k3s: {} },
      sampleCluster([{ ...first, k3s: {} }, second, agent], managedBy({ manager: 'ha-vip', interface: 'eth0' })),
    ],
    [
      'first-server-with-ha-vip-in-cluster',
      { ...first, k3s: {} },
      sampleCluster(
        [{ ...first, k3s: {} }, second, agent],
        managedBy({ manager: 'ha-vip', interface: 'eth0', image: 'registry.example/ha-vip:1.2' }),
      ),
    ],
    ['agent-beside-a-vip', agent, sampleCluster([first, second, agent], withVip)],
    [
      'second-server-with-keel-agent',
      { ...second, keelAgent: true },
      sampleCluster([first, second, agent], { keelAgent }),
    ],
    [
      'agent-with-keel-agent-and-token',
      { ...agent, keelAgent: true },
      sampleCluster([first, second, agent], {
        keelAgent: {
          ...keelAgent,
          credential: { kind: 'token', file: '/etc/keel-agent/token' },
          program: '/opt/bin/keel-agent',
        },
      }),
    ],
    [
      'sqlite-server',
      { ...first, k3s: {} },
      sampleCluster([first], { distribution: sampleK3s({ datastore: 'sqlite' }) }),
    ],
    ['kubeadm-first-server', { ...first, k3s: {} }, sampleCluster([{ ...first, k3s: {} }, second], kubeadm)],
    [
      'kubeadm-first-server-with-keel-agent',
      { ...first, k3s: {}, keelAgent: true },
      sampleCluster([{ ...first, k3s: {}, keelAgent: true }, second], { ...kubeadm, keelAgent }),
    ],
    [
      'kubeadm-worker-with-keel-agent',
      { ...plainAgent, keelAgent: true },
      sampleCluster(
        [
          { ...first, k3s: {}, keelAgent: true },
          { ...plainAgent, keelAgent: true },
        ],
        { ...kubeadm, keelAgent },
      ),
    ],
    [
      'kubeadm-worker-with-sysupdate',
      plainAgent,
      sampleCluster([{ ...first, k3s: {} }, plainAgent], {
        ...kubeadm,
        sysupdate: { url: 'https://images.example/kubernetes', keyring: 'xgIEAA==', timer: true },
      }),
    ],
    ['kubeadm-worker', plainAgent, sampleCluster([{ ...first, k3s: {} }, second, plainAgent], kubeadm)],
    [
      'kubeadm-first-server-before-1.36',
      { ...first, k3s: {} },
      sampleCluster([{ ...first, k3s: {} }, second], {
        ...old,
        ...withVip,
        vip: { ...withVip.vip, manager: 'kube-vip' },
      }),
    ],
    ['server-with-secret-flags', withSecrets, sampleCluster([first, withSecrets])],
  ] as const)('%s', async (name, host, cluster) => {
    await expect(renderedText(cluster, host)).toMatchFileSnapshot(`../../golden/debian/${name}.txt`)
  })
})
