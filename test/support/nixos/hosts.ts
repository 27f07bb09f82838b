import { clusterStateOf } from '../../../src/desired/cluster-state.ts'
import { hostStateOf } from '../../../src/desired/host-state-of.ts'
import type { SecretName } from '../../../src/model/brands.ts'
import type { Cluster, Host } from '../../../src/model/cluster.ts'
import { k3sModule } from '../../../src/targets/nixos/k3s-module.ts'
import { sampleCluster, sampleHost, sampleK3s, sampleSurroundings } from '../samples/sample-cluster.ts'

/** Hosts whose NixOS modules differ in what they contain. */
const server = sampleHost({
  name: 'ocean',
  os: 'nixos',
  role: 'server',
  firstServer: true,
  nodeIPs: ['10.0.0.1', 'fd00::1'],
  firewall: { api: ['0.0.0.0/0', '::/0'] },
  k3s: { 'tls-san': ['api.example'], disable: ['traefik', 'odd name'], 'secrets-encryption': true },
})
const agent = sampleHost({
  name: 'maia',
  os: 'nixos',
  nodeIPs: ['100.64.0.5'],
  labels: { 'example.com/tier': 'edge' },
  taints: ['example.com/region=south:NoSchedule'],
  network: { interface: 'tailscale0' },
  firewall: { api: [] },
  k3s: { 'container-runtime-endpoint': 'unix:///run/containerd/containerd.sock', selinux: true },
})
const files = [
  {
    path: '/etc/sysctl.d/80-k3s.conf',
    content: 'vm.overcommit_memory=1\n',
    mode: '0644',
    owner: 'root',
    group: 'root',
  },
  { path: '/etc/app/app.conf', content: 'a', mode: '0640', owner: 'app', group: 'app' },
  { path: '/opt/a b/run', content: '#!/bin/sh\n', mode: '0755', owner: 'root', group: 'root' },
]
const rich = sampleHost({
  ...server,
  name: 'dune',
  firstServer: false,
  firewall: { api: ['192.0.2.0/24', '2001:db8::/32'] },
  k3s: { 'etcd-s3-secret-key': { secret: 's3' as SecretName }, 'node-external-ip': ['192.0.2.1', '192.0.2.2'] },
  registries: {
    configs: { 'registry.example': { auth: { username: 'u', password: { secret: 'registry' as SecretName } } } },
  },
  manifests: [{ name: 'a.yaml', content: 'kind: Namespace\n---\nkind: Namespace\n' }],
  files,
})
const mirrored = sampleHost({
  ...agent,
  name: 'reef',
  registries: { mirrors: { 'docker.io': { endpoint: ['https://mirror.example'] } } },
})
const cluster = sampleCluster([server, agent, rich, mirrored])
const shared = sampleHost({ ...server, name: 'islet', k3s: {}, firewall: { api: [] } })
const withVip = sampleCluster(
  [shared, sampleHost({ name: 'skerry', role: 'server', nodeIPs: ['10.0.0.2', 'fd00::2'] })],
  {
    vip: { address: '10.0.0.100', interface: 'eth0', manager: 'keepalived' },
  },
)
const leased = sampleHost({ ...server, name: 'holm', k3s: {} })
const keelAgent = { credential: { kind: 'kubelet' }, rbac: 'split', port: 50_051, logLevel: 'info' } as const
/** A server and an agent with the keel-agent. */
const carriers = [
  sampleHost({ ...server, name: 'atoll', keelAgent: true }),
  sampleHost({ ...agent, name: 'shoal', keelAgent: true }),
] as const
/** A server with everything that keel can add to a host. */
const whole = sampleHost({ ...rich, name: 'cove', firstServer: true, keelAgent: true })
const withAll = sampleCluster(
  [whole, sampleHost({ name: 'skerry', role: 'server', nodeIPs: ['10.0.0.2', 'fd00::2'] })],
  {
    vip: { address: '10.0.0.100', manager: 'keepalived' },
    keelAgent,
  },
)
const alone = sampleHost({ name: 'cay', os: 'nixos', role: 'server', firstServer: true })

export const nixosHosts: readonly (readonly [host: Host, cluster: Cluster])[] = [
  [server, cluster],
  [agent, cluster],
  [rich, cluster],
  [mirrored, cluster],
  [shared, withVip],
  [leased, sampleCluster([leased], { vip: { address: '10.0.0.100', manager: 'kube-vip' } })],
  ...carriers.map((host) => [host, sampleCluster(carriers, { keelAgent })] as const),
  [whole, withAll],
  [alone, sampleCluster([alone], { distribution: sampleK3s({ datastore: 'sqlite' }) })],
]

/** The same host with owners by number, which are required if NixOS creates users after files in /etc. */
export function numbered(host: Host): Host {
  return {
    ...host,
    files: host.files.map((file) => (file.owner === 'root' ? file : { ...file, owner: '990', group: '990' })),
  }
}

/** The module of a host. The host may differ from the one of the same name in the cluster. */
export function moduleOf(host: Host, of: Cluster): string {
  const hosts = of.hosts.map((one) => (one.name === host.name ? host : one))
  const cluster = { ...of, hosts: hosts.includes(host) ? hosts : [...hosts, host] }
  return k3sModule(hostStateOf(clusterStateOf(cluster), host, sampleSurroundings))
}
