import { expect, test } from 'vitest'
import type { Cni } from '../../../../src/model/distribution/distribution.ts'
import { otherNetwork } from '../../../../src/plan/notes/other-network.ts'
import { runningFacts, seenHost } from '../../../support/samples/cluster-view.ts'
import { sampleKubeadm } from '../../../support/samples/kubeadm-cluster.ts'
import { sampleCluster, sampleHost } from '../../../support/samples/sample-cluster.ts'

const host = sampleHost({ name: 'ocean', role: 'server', firstServer: true, nodeIPs: ['10.0.0.1'] })
const at = (name: string) => `/etc/keel/manifests/${name}.yaml`
const calico: Cni = { kind: 'manifests', sources: [{ kind: 'file', path: 'm/calico.yaml', content: 'kind: A' }] }
const flannel: Cni = { kind: 'flannel' }

test.each<[string, Cni, readonly string[], boolean, number]>([
  ['the same network', flannel, [at('keel-flannel')], true, 0],
  ['another network', calico, [at('keel-flannel')], true, 1],
  ['another text of the same manifest', calico, [at('keel-cni-01-calico')], true, 0],
  ['a manifest less', calico, [at('keel-cni-01-calico'), at('keel-cni-02-more')], true, 1],
  ['no network any more', { kind: 'none' }, [at('keel-cni-01-calico')], true, 1],
  ['other manifests of the inventory', flannel, [at('keel-flannel'), at('ingress')], true, 0],
  ['a server that has not joined', calico, [at('keel-flannel')], false, 0],
])('%s', (_what, cni, owned, server, count) => {
  const cluster = sampleCluster([host], { distribution: { ...sampleKubeadm, cni } })
  const generation = { owned, restartPending: false, unconfirmed: false }
  const seen = seenHost(cluster, host, runningFacts('server', { generation, past: { server, agent: server } }))
  const notes = otherNetwork([seen, seen])
  expect(notes.map(({ code }) => code)).toEqual(Array(count).fill('network-left'))
})
