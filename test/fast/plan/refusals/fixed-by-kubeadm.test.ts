import { describe, expect, test } from 'vitest'
import { settledSettings } from '../../../../src/desired/distribution/kubeadm/settled.ts'
import type { Cluster } from '../../../../src/model/cluster.ts'
import { fixedRefusals } from '../../../../src/plan/refusals/fixed-at-first-start.ts'
import { checkedAnswer } from '../../../../src/probes/checked-answer.ts'
import { foundedWith } from '../../../../src/probes/distribution/founded-with.ts'
import { runningFacts, seenHost } from '../../../support/samples/cluster-view.ts'
import { sampleKubeadm } from '../../../support/samples/kubeadm-cluster.ts'
import { sampleCluster, sampleHost } from '../../../support/samples/sample-cluster.ts'

const host = sampleHost({ name: 'ocean', role: 'server', firstServer: true, nodeIPs: ['10.0.0.1'] })
const networks = { cluster: ['10.244.0.0/16'], service: ['10.96.0.0/12'], domain: 'cluster.local' }
const started = sampleCluster([host], { name: 'venus', distribution: sampleKubeadm, networks })
const vip = { address: '10.0.0.100', manager: 'keepalived' } as const

describe('what kubeadm has settled when it founded the cluster', () => {
  const refused = (over: Partial<Cluster>, founded: Parameters<typeof seenHost>[2] = {}) => {
    const cluster = { ...started, ...over }
    const seen = seenHost(cluster, host, runningFacts('server', { founded: settledSettings(started), ...founded }))
    return fixedRefusals(cluster, [seen, seen])
  }

  test.each<[string, Partial<Cluster>, string, string]>([
    ['podSubnet', { networks: { ...networks, cluster: ['10.42.0.0/16'] } }, '10.244.0.0/16', '10.42.0.0/16'],
    ['serviceSubnet', { networks: { ...networks, service: ['10.43.0.0/16'] } }, '10.96.0.0/12', '10.43.0.0/16'],
    ['dnsDomain', { networks: { ...networks, domain: 'k8s.example' } }, 'cluster.local', 'k8s.example'],
    ['controlPlaneEndpoint', { vip }, '10.0.0.1:6443', '10.0.0.100:6443'],
    ['clusterName', { name: 'mars' }, 'venus', 'mars'],
  ])('%s is named once, with both values and what to do', (setting, over, is, wants) => {
    expect(refused(over)).toEqual([
      {
        code: 'fixed-at-first-start',
        at: 'ocean',
        found: `${setting}: the cluster runs with ${is}, the inventory wants ${wants}`,
        why: expect.any(String),
        todo: expect.stringContaining('another value needs a new cluster'),
      },
    ])
  })

  test.each<[string, Partial<Cluster>, Parameters<typeof seenHost>[2]]>([
    ['the same values', {}, {}],
    ['an API that does not answer', { name: 'mars' }, { founded: {} }],
    ['a cluster that tells of one setting alone', { name: 'mars' }, { founded: { podSubnet: ['10.244.0.0/16'] } }],
  ])('%s is no fault', (_what, over, facts) => {
    expect(refused(over, facts)).toEqual([])
  })
})

describe('the answer of the cluster', () => {
  const configMap = (ClusterConfiguration: string) =>
    JSON.stringify({ kind: 'ConfigMap', data: { ClusterConfiguration } })
  const written = `apiServer: {}
apiVersion: kubeadm.k8s.io/v1beta4
clusterName: venus
controlPlaneEndpoint: 10.0.0.1:6443
kind: ClusterConfiguration
networking:
  dnsDomain: cluster.local
  podSubnet: 10.244.0.0/16,fd00:42::/56
  serviceSubnet: 10.96.0.0/12
`

  test('is read as kubeadm has written it', () => {
    expect(foundedWith(configMap(written))).toEqual({
      clusterName: ['venus'],
      controlPlaneEndpoint: ['10.0.0.1:6443'],
      dnsDomain: ['cluster.local'],
      podSubnet: ['10.244.0.0/16', 'fd00:42::/56'],
      serviceSubnet: ['10.96.0.0/12'],
    })
  })

  test.each([
    ['none', undefined],
    ['no JSON', '{'],
    ['another object', JSON.stringify({ kind: 'Secret', data: { ClusterConfiguration: written } })],
    ['no YAML', configMap('networking: [')],
    ['a value of another kind', configMap(written.replace('venus', '[venus]'))],
    ['far too much', configMap(`${written}#${'x'.repeat(60_000)}`)],
  ])('%s is not believed', (_what, text) => {
    expect(foundedWith(text)).toBeUndefined()
  })

  test.each([written.replace('venus', '"\\e[31mvenus"'), written.replace('10.96.0.0/12', '"10.96.0.0/12; reboot"')])(
    'a value that keel could not have written makes the host suspect: %j',
    (text) => {
      const read = () => checkedAnswer('ocean', '', () => ({ founded: foundedWith(configMap(text)) }))
      expect(read).toThrow(expect.objectContaining({ code: 'facts-garbled' }))
    },
  )
})
