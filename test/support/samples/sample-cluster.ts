import type { Artifact } from '../../../src/desired/host-state.ts'
import type { Surroundings } from '../../../src/desired/surroundings.ts'
import type { HostName, K3sVersion, Recipient, SecretName, Sha256, SshPublicKey } from '../../../src/model/brands.ts'
import type { Arch, Cluster, Host } from '../../../src/model/cluster.ts'
import type { K3s } from '../../../src/model/distribution/distribution.ts'
import { AGENT_ARTIFACT, NODE_ARTIFACT } from '../../../src/model/keel-agent/agent-program.ts'

const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl' as SshPublicKey

/** A resolved host with only the required settings. A test changes what it is about. */
export function sampleHost(over: Partial<Omit<Host, 'name'>> & { readonly name: string }): Host {
  return {
    os: 'debian',
    role: 'agent',
    arch: 'amd64',
    firstServer: false,
    address: { user: 'root', host: `${over.name}.example`, port: 22 },
    hostKey: key,
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
    ...over,
    name: over.name as HostName,
  }
}

export function sampleCluster(hosts: readonly Host[], over: Partial<Cluster> = {}): Cluster {
  const reader = { kind: 'admin', name: 'ada', key: key as Recipient } as const
  const rule = (name: string) => ({
    name: name as SecretName,
    file: `secrets/${name}.age`,
    readers: [reader],
    armor: false,
  })
  return {
    name: 'sample',
    distribution: sampleK3s(),
    networks: { cluster: ['10.42.0.0/16'], service: ['10.43.0.0/16'], domain: 'cluster.local' },
    hosts,
    admins: [{ name: 'ada', key }],
    secrets: ['k3s-server-token', 'k3s-agent-token', 'k3s-server-ca-key'].map(rule),
    warnings: [],
    ...over,
  }
}

export function sampleK3s(over: Partial<K3s> = {}): K3s {
  return {
    kind: 'k3s',
    version: 'v1.36.3+k3s1' as K3sVersion,
    datastore: 'etcd',
    secrets: {
      serverToken: 'k3s-server-token' as SecretName,
      agentToken: 'k3s-agent-token' as SecretName,
      ca: 'k3s-server-ca-key' as SecretName,
    },
    ...over,
  }
}

export const sampleSha256 = 'a'.repeat(64) as Sha256

export const sampleSurroundings: Surroundings = {
  joinThrough: (host) =>
    host.firstServer
      ? undefined
      : sampleHost({ name: 'ocean', role: 'server', firstServer: true, nodeIPs: ['10.0.0.1'] }),
  programsFor: ({ arch }) => [
    {
      name: 'k3s',
      version: 'v1.36.3+k3s1',
      arch,
      url: 'https://example.invalid/k3s',
      sha256: sampleSha256,
      sysext: 'b'.repeat(64) as Sha256,
    },
  ],
  agentProgramsFor: ({ arch }) => [sampleProgram(NODE_ARTIFACT, arch, 'c'), sampleBundle(arch)],
  agentBundle: () => 'export {}\n',
  caCertificate: '-----BEGIN CERTIFICATE-----\nQUFBQQ==\n-----END CERTIFICATE-----\n',
}

function sampleProgram(name: string, arch: Arch, digit: string): Artifact {
  const sha256 = digit.repeat(64) as Sha256
  const url = `https://example.invalid/${name}`
  return { name, version: 'v24.0.0', arch, url, sha256, sysext: sha256 }
}

function sampleBundle(arch: Arch): Artifact {
  return {
    ...sampleProgram(AGENT_ARTIFACT, arch, 'e'),
    version: '0.1.0',
    url: 'keel:dist/keel-agent.js',
    isModule: true,
  }
}
