import type { InventoryFile } from './key.ts'

/** A value for every key of an inventory, from which `keel explain` takes its examples. A test checks them. */
export const samples: Readonly<Record<InventoryFile, Readonly<Record<string, unknown>>>> = {
  host: {
    os: 'debian',
    role: 'agent',
    arch: 'arm64',
    address: 'root@203.0.113.12',
    hostKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl',
    nodeIP: '100.64.0.5',
    labels: { tier: 'edge' },
    taints: ['dedicated=gpu:NoSchedule'],
    tags: ['rack1', 'gpu'],
    network: { interface: 'tailscale0' },
    firewall: { api: ['203.0.113.0/24'] },
    kubelet: 'systemd',
    systemdKubelet: {
      packages: ['uptimed', 'postgresql-*'],
      programs: ['/usr/bin/*'],
      repositories: {
        own: {
          uris: ['https://packages.example/debian'],
          suites: ['bookworm'],
          components: ['main'],
          signedBy: 'keys/packages.asc',
          login: { user: 'farm', password: { secret: 'packages-password' } },
        },
      },
      hostPaths: { '/srv/media': 'read-only' },
      reserve: { cpu: '250m', memory: '512Mi' },
    },
    keelAgent: false,
    sysupdate: false,
    nixos: { flake: '.#maia', configuration: 'hosts/maia/configuration.nix', build: 'local' },
    files: { '/etc/motd': { content: 'managed by keel\n', mode: '0600', owner: 'root', group: 'adm' } },
    manifests: { 'team-a.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: { name: team-a }\n' },
    registries: {
      mirrors: {
        'docker.io': {
          endpoint: ['https://mirror.example:5000'],
          rewrite: { '^library/(.*)': 'cached/$1' },
        },
      },
      configs: {
        'mirror.example:5000': {
          auth: {
            username: 'pull',
            password: { secret: 'registry-password' },
            auth: { secret: 'registry-auth' },
            identity_token: { secret: 'registry-token' },
          },
          tls: {
            cert_file: '/etc/pki/client.crt',
            key_file: '/etc/pki/client.key',
            ca_file: '/etc/pki/ca.crt',
            insecure_skip_verify: true,
          },
        },
      },
    },
  },
  cluster: {
    name: 'mercury',
    distribution: 'kubeadm',
    version: 'v1.36.3+k3s1',
    datastore: 'sqlite',
    firstServer: 'ocean',
    cni: { manifests: ['manifests/calico.yaml'] },
    containerd: 'managed',
    sysupdate: { url: 'https://images.example/kubernetes', key: 'keys/images.asc', timer: true },
    networks: { cluster: '10.42.0.0/16', service: '10.43.0.0/16', domain: 'cluster.local' },
    vip: {
      address: '203.0.113.9',
      interface: 'eth0',
      manager: 'kube-vip',
      image: 'ghcr.io/kube-vip/kube-vip:v1.0.1',
    },
    keelAgent: {
      tokenFile: '/etc/keel-agent/token',
      rbac: 'one-role',
      program: '/opt/keel-agent',
      port: 50052,
      logLevel: 'debug',
    },
    defaults: {
      os: 'debian',
      arch: 'amd64',
      user: 'admin',
      port: 2222,
      labels: { region: 'eu' },
      taints: ['dedicated=gpu:NoSchedule'],
      tags: ['home'],
      network: { interface: 'tailscale0' },
    },
  },
  secrets: {
    admins: { ada: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl' },
    secrets: { 'k3s-agent-token': { readers: ['admins', 'servers', 'agents'], generate: 'k3s-token', armor: true } },
  },
}

/** Examples of k3s's options by what they take: the end of their descriptions in schema/. */
export const optionSamples: Readonly<Record<string, unknown>> = {
  'an IP address that the other nodes reach': '203.0.113.10',
  'a registry as images name it: registry.example:5000': 'registry.example:5000',
  'an IP address to listen on': '203.0.113.10',
  "a socket's path, or unix:// and the path": '/run/containerd/containerd.sock',
  'an absolute path on the host': '/etc/k3s-extra.conf',
  'a name of containerd: letters, digits, . _ - inside': 'overlayfs',
  'coredns, servicelb, traefik, local-storage, metrics-server or runtimes': ['traefik', 'servicelb'],
  'key=value': ['v=2'],
  "a bucket's name: 3 to 63 letters, digits, . _ : or - inside": 'k3s-snapshots',
  "a Secret's name: a-z, 0-9, - and . inside, 253 characters at most": 'etcd-s3',
  'a host, perhaps with a port: s3.example:9000': 's3.example:9000',
  'a path on the host, or a certificate in base64': '/etc/pki/s3-ca.crt',
  'a text': 'mercury',
  "'none', or a URL: http://proxy.example:3128": 'http://proxy.example:3128',
  "a region's name: letters, digits, . _ -": 'eu-central-1',
  "a file's name: letters, digits, . _ -": 'before-upgrade',
  "five fields of cron: '0 */5 * * *'": '0 */5 * * *',
  'the name of a container image: registry.example/name:1.2': 'registry.example/pause:3.10',
  'DNS names in small letters': ['maia.example'],
  'a range of ports from 1 to 65535: 30000-32767, 30000+2767': '30000-32767',
  'a namespace: a-z, 0-9 and - inside, 63 characters at most': 'kube-system',
  'IP addresses and DNS names in ASCII': ['k3s.example'],
  'file=level, more of them after commas': 'main=4',
  'a group by name or number': 'adm',
}
