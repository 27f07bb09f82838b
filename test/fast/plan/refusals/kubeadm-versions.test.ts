import { expect, test } from 'vitest'
import type { KubernetesVersion } from '../../../../src/model/brands.ts'
import type { Host } from '../../../../src/model/cluster.ts'
import { makePlan } from '../../../../src/plan/make-plan.ts'
import { whoToAsk } from '../../../../src/plan/who-to-ask.ts'
import { runningFacts, seenHost, viewOf } from '../../../support/samples/cluster-view.ts'
import { sampleKubeadm } from '../../../support/samples/kubeadm-cluster.ts'
import { sampleCluster, sampleHost } from '../../../support/samples/sample-cluster.ts'

const ocean = sampleHost({ name: 'ocean', role: 'server', firstServer: true, nodeIPs: ['10.0.0.1'] })
const maia = sampleHost({ name: 'maia', nodeIPs: ['10.0.0.3'] })
const clusterOf = (version: string) =>
  sampleCluster([ocean, maia], { distribution: { ...sampleKubeadm, version: version as KubernetesVersion } })

/** A node that has come to a version. `apiServer`: of a server whose Pods are at another one. */
const at = (host: Host, wanted: string, version: string, apiServer = version) =>
  seenHost(
    clusterOf(wanted),
    host,
    runningFacts(host.role, {
      past: {
        ...{ server: host.role === 'server', agent: true, version, reached: version },
        ...(host.role === 'server' ? { controlPlane: apiServer } : {}),
      },
    }),
  )
type Seen = (wanted: string) => ReturnType<typeof at>
const server =
  (version: string, apiServer?: string): Seen =>
  (wanted) =>
    at(ocean, wanted, version, apiServer)
const worker =
  (version: string): Seen =>
  (wanted) =>
    at(maia, wanted, version)
const newWorker: Seen = (wanted) => seenHost(clusterOf(wanted), maia)

test.each<[string, string, readonly Seen[], readonly Seen[], readonly string[]]>([
  ['the same version', 'v1.36.3', [server('v1.36.3'), worker('v1.36.3')], [], []],
  ['the next patch', 'v1.36.4', [server('v1.36.3'), worker('v1.36.3')], [], []],
  ['the next minor', 'v1.36.0', [server('v1.35.4'), worker('v1.35.4')], [], []],
  ['a minor that skips one', 'v1.36.0', [server('v1.34.4')], [], ['ocean version-skips']],
  [
    'an older patch',
    'v1.36.2',
    [server('v1.36.3'), worker('v1.36.3')],
    [],
    ['ocean version-downgrade', 'maia version-downgrade'],
  ],
  ['back, in the middle of an upgrade', 'v1.36.3', [server('v1.36.3', 'v1.36.4')], [], ['ocean version-downgrade']],
  ['on, in the middle of an upgrade', 'v1.36.4', [server('v1.36.3', 'v1.36.4')], [], []],
  ['a worker before its servers', 'v1.36.4', [worker('v1.36.3')], [server('v1.36.3')], ['maia kubelet-newer']],
  [
    'a worker while a server is in the middle',
    'v1.36.4',
    [worker('v1.36.3')],
    [server('v1.36.3', 'v1.36.4')],
    ['maia kubelet-newer'],
  ],
  ['a worker after its servers', 'v1.36.4', [worker('v1.36.3')], [server('v1.36.4')], []],
  ['one that is there already', 'v1.36.4', [worker('v1.36.4')], [server('v1.36.3')], []],
  ['a new worker', 'v1.36.4', [newWorker], [server('v1.36.4')], []],
])('%s to %s', (_what, wanted, selected, others, expected) => {
  const cluster = clusterOf(wanted)
  const view = viewOf(
    cluster,
    selected.map((one) => one(wanted)),
    { others: { seen: others.map((one) => one(wanted)), faults: [] } },
  )
  const codes = ['version-skips', 'version-downgrade', 'kubelet-newer', 'version-blind']
  const found = makePlan(view).refusals.filter(({ code }) => codes.includes(code))
  expect(found.map((fault) => `${fault.at} ${fault.code}`)).toEqual(expected)
})

test('the servers are asked where only a worker is upgraded', () => {
  const asked = (version: string) =>
    whoToAsk(clusterOf('v1.36.4'), [maia], { seen: [at(maia, 'v1.36.4', version)], faults: [] })
  expect(asked('v1.36.3').map(({ name }) => name)).toEqual(['ocean'])
  expect(asked('v1.36.4')).toEqual([])
})
