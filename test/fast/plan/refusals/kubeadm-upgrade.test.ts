import { expect, test } from 'vitest'
import type { KubernetesVersion } from '../../../../src/model/brands.ts'
import { kubeadmUpgrades } from '../../../../src/plan/refusals/kubeadm-upgrade.ts'
import { runningFacts, seenHost } from '../../../support/samples/cluster-view.ts'
import { sampleKubeadm } from '../../../support/samples/kubeadm-cluster.ts'
import { sampleCluster, sampleHost } from '../../../support/samples/sample-cluster.ts'

const host = sampleHost({ name: 'ocean', role: 'server', firstServer: true, nodeIPs: ['10.0.0.1'] })

test.each([
  ['another version where Kubernetes runs', 'v1.35.4', true, ['kubeadm-upgrade']],
  ['the same version', 'v1.36.3', true, []],
  ['a host that has an image and is in no cluster', 'v1.35.4', false, []],
])('%s', (_what, version, server, codes) => {
  const cluster = sampleCluster([host], { distribution: { ...sampleKubeadm, version: 'v1.36.3' as KubernetesVersion } })
  const seen = seenHost(cluster, host, runningFacts('server', { past: { server, agent: server, version } }))
  expect(kubeadmUpgrades(cluster, [seen]).map(({ code }) => code)).toEqual(codes)
})
