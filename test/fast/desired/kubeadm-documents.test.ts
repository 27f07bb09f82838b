import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { documentText } from '../../../src/desired/distribution/kubeadm/document-text.ts'
import { documentsOf, initDocuments, joinDocuments } from '../../../src/desired/distribution/kubeadm/documents.ts'
import { caCertHash } from '../../../src/model/kubeadm/ca-cert-hash.ts'
import { madeUpClusters, sampleKubeadm } from '../../support/samples/kubeadm-cluster.ts'
import { sampleCluster, sampleHost } from '../../support/samples/sample-cluster.ts'

/** Made once with openssl (EC, P-256); the hash is what `openssl pkey -pubin -outform der | sha256sum` printed. */
const certificate = `-----BEGIN CERTIFICATE-----
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
const hash = '59bf2a8d665bbd2ebb82c9dbeb90b41bc4b510737ca87858f5bcfba30e3793f5'

const first = sampleHost({
  name: 'ocean',
  role: 'server',
  firstServer: true,
  nodeIPs: ['10.0.0.1'],
  taints: ['node-role.kubernetes.io/control-plane:NoSchedule'],
})
const second = sampleHost({ name: 'reef', role: 'server', nodeIPs: ['10.0.0.2'] })
const worker = sampleHost({
  name: 'maia',
  nodeIPs: ['10.0.0.3', 'fd00::3'],
  labels: { disk: 'ssd', 'topology.kubernetes.io/zone': 'a' },
  taints: ['example.com/gpu=a100:NoExecute', 'spot=:PreferNoSchedule'],
})
const hosts = [first, second, worker]
const networks = {
  cluster: ['10.244.0.0/16', 'fd00:42::/56'],
  service: ['10.96.0.0/12', 'fd00:43::/112'],
  domain: 'k8s.example',
}
const alone = sampleCluster(hosts, { distribution: sampleKubeadm, networks })
const withVip = { ...alone, vip: { address: 'fd00::100', manager: 'keepalived' } } as const

const kubeadm = sampleKubeadm
const init = (cluster = alone, more = {}) => initDocuments({ cluster, kubeadm, host: first, ...more })

describe('the documents for kubeadm', () => {
  it.each([
    ['init', init()],
    ['init-with-vip', init(withVip)],
    ['init-on-cgroup-v1', init(alone, { cgroupV1: true })],
    ['join-control-plane', joinDocuments({ cluster: alone, kubeadm, host: second }, first, certificate)],
    ['join-worker', joinDocuments({ cluster: alone, kubeadm, host: worker }, first, certificate)],
  ])('%s', async (name, documents) => {
    await expect(documentText(documents)).toMatchFileSnapshot(`../../golden/kubeadm/${name}.yaml`)
  })

  it('pin a join to the public key of the CA', () => expect(caCertHash(certificate)).toBe(`sha256:${hash}`))

  it('of every other host need the certificate of the CA', () => {
    expect(documentsOf({ cluster: alone, kubeadm, host: first }, undefined)).toEqual(init())
    expect(documentsOf({ cluster: alone, kubeadm, host: worker }, certificate)).toEqual(
      joinDocuments({ cluster: alone, kubeadm, host: worker }, first, certificate),
    )
    expect(() => documentsOf({ cluster: alone, kubeadm, host: worker }, undefined)).toThrow(
      expect.objectContaining({ code: 'ca-certificate-missing', at: 'secrets/kubernetes-ca.crt' }),
    )
  })

  it('say nothing of cgroup v1 before 1.35, whose kubelet takes it', () => {
    const old = { ...kubeadm, version: 'v1.34.4' as typeof kubeadm.version }
    const documents = initDocuments({ cluster: alone, kubeadm: old, host: first, cgroupV1: true })
    expect(JSON.stringify(documents)).not.toMatch(/cgroupv1|SystemVerification/i)
  })

  it('are read back as the values that they are', () => {
    fc.assert(
      fc.property(madeUpClusters, ({ cluster, host, founder, cgroupV1 }) => {
        const wanted = { cluster, kubeadm: sampleKubeadm, host, cgroupV1 }
        const documents = host.firstServer ? initDocuments(wanted) : joinDocuments(wanted, founder, certificate)
        const read = parseAllDocuments(documentText(documents)).map((document) => document.toJS())
        expect(read).toEqual(documents)
      }),
    )
  })
})
