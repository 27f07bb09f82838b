import { expect, it } from 'vitest'
import { makePlan } from '../../../src/plan/make-plan.ts'
import { type CommonFacts, runningFacts, seenHost, viewOf } from '../../support/samples/cluster-view.ts'
import { kubeadmSurroundings, sampleKubeadm } from '../../support/samples/kubeadm-cluster.ts'
import { sampleCluster, sampleHost } from '../../support/samples/sample-cluster.ts'

const host = (name: string) =>
  sampleHost({ name, role: name.startsWith('s') ? 'server' : 'agent', firstServer: name === 's1' })
/** Not in their order. */
const names = ['a1', 'a2', 's1', 's2', 's3'] as const
const hosts = names.map(host)
const { caCertificate = expect.unreachable() } = kubeadmSurroundings

/** Who has a turn beside whom, by who is in the cluster already. @param selected of the deploy */
function waves(living: string, selected: readonly string[], distribution: 'k3s' | 'kubeadm') {
  const cluster = sampleCluster(hosts, distribution === 'kubeadm' ? { distribution: sampleKubeadm } : {})
  const facts = (name: string, role: 'server' | 'agent'): CommonFacts =>
    living.split(' ').includes(name) ? runningFacts(role) : {}
  const seen = hosts.map((one) => seenHost(cluster, one, facts(one.name, one.role)))
  const isSelected = (one: { readonly host: { readonly name: string } }) => selected.includes(one.host.name)
  const others = { seen: seen.filter((one) => !isSelected(one)), faults: [] }
  const plan = makePlan(viewOf(cluster, seen.filter(isSelected), { caCertificate, others }))
  return [...Map.groupBy(plan.hosts, ({ wave }) => wave).values()]
    .map((wave) => wave.map(({ host }) => host).join(' '))
    .join(' | ')
}

it.each([
  ['a cluster is founded: agents join beside the last server', '', names, 's1 | s2 | s3 a1 a2'],
  ['it was founded, and the deploy was cut off then', 's1', names, 's1 | s2 | s3 a1 a2'],
  ['a server and an agent join: who is there already waits for the servers', 's1 s2 a2', names, 's1 | s2 | s3 a1 | a2'],
  ['agents join, and no server', 's1 s2 s3', names, 's1 | s2 | s3 | a1 a2'],
  ['all are there', 's1 s2 s3 a1 a2', names, 's1 | s2 | s3 | a1 a2'],
  ['a server that the cluster never knew comes last', 's1 s3', names, 's1 | s3 | s2 a1 a2'],
  ['the founder is the only server of the deploy', '', ['s1', 'a1'], 's1 | a1'],
  ['agents are deployed alone', 's1 s2', ['a1', 'a2'], 'a1 a2'],
] as const)('%s', (_what, living, selected, expected) => {
  expect(waves(living, selected, 'k3s')).toBe(expected)
  expect(waves(living, selected, 'kubeadm')).toBe(expected)
})

it('an agent waits for the last server if that one runs and another one is replaced', () => {
  const cluster = sampleCluster(hosts)
  const seen = hosts.map((one) => seenHost(cluster, one, ['s1', 's3'].includes(one.name) ? runningFacts('server') : {}))
  const remembered = { at: host('s1').name, members: { nodes: ['s2'], passwords: [], etcd: [] } }
  const plan = makePlan(viewOf(cluster, seen, { caCertificate, remembered }))
  expect(plan.hosts.map(({ host, wave }) => `${host} ${wave}`)).toEqual(['s1 0', 's2 1', 's3 2', 'a1 3', 'a2 3'])
})

it('an agent never joins beside the server that founds', () => {
  const cluster = sampleCluster([host('s1'), host('a1')])
  const seen = cluster.hosts.map((one) => seenHost(cluster, one))
  expect(makePlan(viewOf(cluster, seen, { caCertificate })).hosts.map(({ wave }) => wave)).toEqual([0, 1])
})
