import fc from 'fast-check'
import type { Surroundings } from '../../../src/desired/surroundings.ts'
import type { KubernetesVersion, Sha256 } from '../../../src/model/brands.ts'
import type { Cluster, Host } from '../../../src/model/cluster.ts'
import type { Kubeadm } from '../../../src/model/distribution/distribution.ts'
import { kubeadmCas } from '../../../src/model/kubeadm/pki.ts'
import { sampleCluster, sampleHost, sampleSha256, sampleSurroundings } from './sample-cluster.ts'

/** Made once with openssl (EC, P-256). */
export const kubernetesCaCertificate = `-----BEGIN CERTIFICATE-----
MIIBgDCCASegAwIBAgIUXe/1cETGW4JMLNfAUw6VgBy1kHQwCgYIKoZIzj0EAwIw
FTETMBEGA1UEAwwKa3ViZXJuZXRlczAgFw0yNjExMjkyMTE0MTBaGA8yMTI2MTEw
NTIxMTQxMFowFTETMBEGA1UEAwwKa3ViZXJuZXRlczBZMBMGByqGSM49AgEGCCqG
SM49AwEHA0IABDJEmVs12b/77NVc2ZAS1qrVL8zzXbDkUQuze4r+eHlaZtF7rLCJ
KwXLZWs/jNJJCuOW0vePPRkrExg4vkemXV2jUzBRMB0GA1UdDgQWBBRLVGHKkvR1
679Sva7KVaQfJW71ITAfBgNVHSMEGDAWgBRLVGHKkvR1679Sva7KVaQfJW71ITAP
BgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0cAMEQCICTsDcDzGQFoGBoAdqJt
31rimvVr4dTpC9P3hcKxAFCPAiBS3GhbLdswo3Arq0qH9i1Vo7vIFdtDy5503dXN
WgLQiQ==
-----END CERTIFICATE-----
`

export const sampleKubeadm: Kubeadm = {
  kind: 'kubeadm',
  version: 'v1.36.3' as KubernetesVersion,
  cni: { kind: 'flannel' },
  containerd: 'checked',
}

const program = { version: 'v1.36.3', url: 'https://example.invalid/kubelet', sha256: sampleSha256 }

/** What hosts of kubeadm are rendered with: an image of Kubernetes, and the CAs. */
export const kubeadmSurroundings: Surroundings = {
  ...sampleSurroundings,
  programsFor: ({ arch }) => {
    const sysext = 'd'.repeat(64) as Sha256
    const of = [{ name: 'kubelet', arch, ...program }]
    return [{ name: 'kubernetes', version: 'v1.36.3', arch, url: 'keel:image', sha256: sysext, sysext, of }]
  },
  certificates: new Map(kubeadmCas.map(({ certificateFile }) => [certificateFile, kubernetesCaCertificate])),
  caCertificate: kubernetesCaCertificate,
}

/** A made-up cluster of kubeadm, as an inventory could describe it, and one of its hosts. */
interface MadeUp {
  readonly cluster: Cluster
  readonly host: Host
  readonly founder: Host
}

const name = fc.stringMatching(/^[a-z][a-z0-9]{0,9}(-[a-z0-9]{1,5})?$/)
const ipv4 = fc.integer({ min: 1, max: 250 }).map((last) => `192.0.2.${last}`)
const ipv6 = fc.integer({ min: 1, max: 0xffff }).map((last) => `2001:db8::${last.toString(16)}`)
const networks = fc.constantFrom(
  { cluster: ['10.244.0.0/16'], service: ['10.96.0.0/12'] },
  { cluster: ['fd00:42::/56'], service: ['fd00:43::/112'] },
  { cluster: ['10.244.0.0/16', 'fd00:42::/56'], service: ['10.96.0.0/12', 'fd00:43::/112'] },
)
const taint = fc.constantFrom(
  'node-role.kubernetes.io/control-plane:NoSchedule',
  'example.com/gpu=a100:NoExecute',
  'spot=:PreferNoSchedule',
)
const label = fc.constantFrom<readonly [string, string]>(
  ['disk', 'ssd'],
  ['example.com/rack', ''],
  ['topology.kubernetes.io/zone', 'a'],
)
const version = fc.constantFrom('v1.35.4', 'v1.36.3', 'v1.36.0') as fc.Arbitrary<KubernetesVersion>

export const madeUpClusters: fc.Arbitrary<MadeUp> = fc
  .record({
    name,
    networks,
    domain: fc.constantFrom('cluster.local', 'k8s.example'),
    version,
    vip: fc.boolean(),
    hasAgent: fc.boolean(),
    hosts: fc.uniqueArray(
      fc.record({
        name,
        role: fc.constantFrom('server' as const, 'agent' as const),
        hasIp: fc.boolean(),
        ipv4,
        ipv6,
        taints: fc.uniqueArray(taint),
        labels: fc.uniqueArray(label, { selector: ([key]) => key }),
      }),
      { minLength: 1, maxLength: 6, selector: (host) => host.name },
    ),
  })
  .chain(({ hosts: drafts, ...made }) => {
    const isV6 = made.networks.cluster[0]?.includes(':') === true
    const isDual = made.networks.cluster.length > 1
    const hosts = drafts.map((draft, index) =>
      sampleHost({
        name: draft.name,
        role: index === 0 ? 'server' : draft.role,
        firstServer: index === 0,
        keelAgent: made.hasAgent,
        address: { user: 'root', host: `${draft.name}.example`, port: 22 },
        nodeIPs:
          draft.hasIp || index === 0 ? (isV6 ? [draft.ipv6] : isDual ? [draft.ipv4, draft.ipv6] : [draft.ipv4]) : [],
        taints: draft.taints,
        labels: Object.fromEntries(draft.labels),
      }),
    )
    const cluster = sampleCluster(hosts, {
      name: made.name,
      distribution: { ...sampleKubeadm, version: made.version },
      networks: { ...made.networks, domain: made.domain },
      ...(made.hasAgent
        ? { keelAgent: { credential: { kind: 'kubelet' }, rbac: 'split', port: 50_051, logLevel: 'info' } }
        : {}),
      ...(made.vip ? { vip: { address: isV6 ? '2001:db8::ffff:1' : '192.0.2.254', manager: 'keepalived' } } : {}),
    })
    return fc.constantFrom(...hosts).map((host) => ({ cluster, host, founder: hosts[0] as Host }))
  })
