import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { documentText } from '../../../src/desired/distribution/kubeadm/document-text.ts'
import { initDocuments, joinDocuments } from '../../../src/desired/distribution/kubeadm/documents.ts'
import { caCertHash } from '../../../src/model/kubeadm/ca-cert-hash.ts'
import { renderedOf } from '../../../src/targets/render.ts'
import {
  kubernetesCaCertificate as certificate,
  kubeadmSurroundings,
  madeUpClusters,
  sampleKubeadm,
} from '../../support/samples/kubeadm-cluster.ts'
import { sampleCluster, sampleHost } from '../../support/samples/sample-cluster.ts'

/** What `openssl pkey -pubin -outform der | sha256sum` printed of the key in the certificate. */
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
const keelAgent = { credential: { kind: 'kubelet' }, rbac: 'split', port: 50_051, logLevel: 'info' } as const
const withApprover = { ...alone, keelAgent, hosts: [{ ...first, keelAgent: true }, second, worker] }
const withVip = { ...alone, vip: { address: 'fd00::100', manager: 'keepalived' } } as const

const kubeadm = sampleKubeadm
const init = (cluster = alone) => initDocuments({ cluster, kubeadm, host: first })

describe('the documents for kubeadm', () => {
  it.each([
    ['init', init()],
    ['init-with-vip', init(withVip)],
    ['init-with-approver', init(withApprover)],
    ['join-control-plane', joinDocuments({ kubeadm, host: second }, first, certificate)],
    ['join-worker', joinDocuments({ kubeadm, host: worker }, first, certificate)],
  ])('%s', async (name, documents) => {
    await expect(documentText(documents)).toMatchFileSnapshot(`../../golden/kubeadm/${name}.yaml`)
  })

  it('pin a join to the public key of the CA', () => expect(caCertHash(certificate)).toBe(`sha256:${hash}`))

  it('need the certificate of the CA, on every host', () => {
    const without = { ...kubeadmSurroundings, certificates: new Map<string, string>() }
    for (const host of hosts)
      expect(() => renderedOf(alone, host, without)).toThrow(
        expect.objectContaining({ code: 'ca-certificate-missing', at: 'secrets/kubernetes-ca.crt' }),
      )
  })

  it.each([
    ['no keel-agent', alone],
    ['no server with one', { ...withApprover, hosts: [first, second, { ...worker, keelAgent: true }] }],
    ['no approver', { ...withApprover, keelAgent: { ...keelAgent, rbac: 'one-role' as const } }],
  ])('have kubelets request no certificate that nobody would approve: %s', (_, cluster) => {
    expect(init(cluster)).toEqual(init())
  })

  it('say nothing of cgroup v1 before 1.35, whose kubelet takes it', () => {
    const old = { ...kubeadm, version: 'v1.34.4' as typeof kubeadm.version }
    const documents = initDocuments({ cluster: alone, kubeadm: old, host: first })
    expect(JSON.stringify(documents)).not.toMatch(/cgroupv1/i)
  })

  it('are read back as the values that they are', () => {
    fc.assert(
      fc.property(madeUpClusters, ({ cluster, host, founder }) => {
        const wanted = { cluster, kubeadm: sampleKubeadm, host }
        const documents = host.firstServer ? initDocuments(wanted) : joinDocuments(wanted, founder, certificate)
        const read = parseAllDocuments(documentText(documents)).map((document) => document.toJS())
        expect(read).toEqual(documents)
      }),
    )
  })
})
