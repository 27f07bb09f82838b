import { expect, test } from 'vitest'
import { makePlan } from '../../../../src/plan/make-plan.ts'
import type { SelectedHost } from '../../../../src/plan/view/cluster-view.ts'
import { runningFacts, seenHost, viewOf } from '../../../support/samples/cluster-view.ts'
import { kubernetesCaCertificate, sampleKubeadm } from '../../../support/samples/kubeadm-cluster.ts'
import { sampleCluster, sampleHost } from '../../../support/samples/sample-cluster.ts'

const ocean = sampleHost({ name: 'ocean', role: 'server', firstServer: true, nodeIPs: ['10.0.0.1'] })
const reef = sampleHost({ name: 'reef', role: 'server', nodeIPs: ['10.0.0.2'] })
const maia = sampleHost({ name: 'maia', nodeIPs: ['10.0.0.3'] })
const cluster = sampleCluster([ocean, reef, maia], { distribution: sampleKubeadm })
const inside = (host: typeof ocean) =>
  seenHost(cluster, host, runningFacts(host.role, { past: { server: host.role === 'server', agent: true } }))

test('a host that was reset by hand joins again, although its unit has run', () => {
  const reset = seenHost(cluster, maia, runningFacts('agent', { past: { server: false, agent: false } }))
  const [plan] = makePlan(
    viewOf(cluster, [reset], { others: { seen: [inside(ocean)], faults: [] }, caCertificate: kubernetesCaCertificate }),
  ).hosts
  const ops = plan?.operations.flatMap((operation) =>
    'unit' in operation ? [`${operation.op} ${operation.unit}`] : [operation.op],
  )
  expect(ops).toContain('let-in')
  expect(ops).toContain('restart-unit keel-kubeadm.service')
})

test.each<[string, readonly SelectedHost[], Readonly<Record<string, string>>]>([
  [
    'a new cluster: all but the founder, through it',
    [ocean, reef, maia].map((host) => seenHost(cluster, host)),
    { reef: 'ocean', maia: 'ocean' },
  ],
  ['a server that lost its data, through one that has it', [seenHost(cluster, ocean), inside(reef)], { ocean: 'reef' }],
  ['nobody who is in the cluster', [inside(ocean), inside(reef), inside(maia)], {}],
])('who is let in with a token: %s', (_what, selected, wanted) => {
  const { hosts } = makePlan(viewOf(cluster, selected, { caCertificate: kubernetesCaCertificate }))
  const through = hosts.flatMap(({ host, operations }) =>
    operations.flatMap((operation) => (operation.op === 'let-in' ? [[host, operation.through] as const] : [])),
  )
  expect(Object.fromEntries(through)).toEqual(wanted)
})
