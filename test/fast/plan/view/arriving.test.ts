import { describe, expect, it } from 'vitest'
import type { Host } from '../../../../src/model/cluster.ts'
import { makePlan } from '../../../../src/plan/make-plan.ts'
import { admissionsOf } from '../../../../src/plan/view/admissions.ts'
import type { Remembered, SelectedHost } from '../../../../src/plan/view/cluster-view.ts'
import { type CommonFacts, runningFacts, seenHost, viewOf } from '../../../support/samples/cluster-view.ts'
import { sampleCluster, sampleHost } from '../../../support/samples/sample-cluster.ts'

const firewall = { api: [] }
const ocean = sampleHost({ name: 'ocean', role: 'server', firstServer: true, nodeIPs: ['10.0.0.1'], firewall })
const [maia, nova, luna] = ['maia', 'nova', 'luna'].map((name, index) =>
  sampleHost({ name, firewall, nodeIPs: [`10.0.0.${index + 2}`] }),
)
if (maia === undefined || nova === undefined || luna === undefined) throw new Error('three agents')
const cluster = sampleCluster([ocean, maia, nova, luna])

describe('a new host under the name of an earlier machine', () => {
  const members = { nodes: [], passwords: [], etcd: [] }
  it.each<[string, Partial<Remembered['members']>, CommonFacts, boolean]>([
    ['that has a Node', { nodes: ['maia'] }, {}, true],
    ['that has a password', { passwords: ['maia'] }, {}, true],
    ['that is a member of etcd', { etcd: ['maia'] }, {}, true],
    ['that the cluster knows by another name', { nodes: ['nova'], passwords: ['luna'] }, {}, false],
    ['that is this machine', { nodes: ['maia'], passwords: ['maia'] }, runningFacts('agent'), false],
  ])('%s', (_what, known, facts, isForgotten) => {
    const view = viewOf(cluster, [seenHost(cluster, maia, facts)], {
      remembered: { at: ocean.name, members: { ...members, ...known } },
    })
    const forgotten = makePlan(view).hosts.flatMap(({ operations }) =>
      operations.filter(({ op }) => op === 'forget-node'),
    )
    expect(forgotten).toEqual(isForgotten ? [{ op: 'forget-node', node: 'maia', through: 'ocean' }] : [])
  })
})

describe('hosts that have to let a new one in', () => {
  /** It has rules of keel's, and others than the inventory's. */
  const guarded = (host: Host): SelectedHost => {
    const one = seenHost(cluster, host, runningFacts(host.role))
    if (one.facts.kind !== 'files') throw new Error('no files')
    const rules = { kind: 'file', mode: '0644', owner: 'root', group: 'root', sha256: '0' } as const
    return { ...one, facts: { ...one.facts, paths: { '/etc/keel/firewall.nft': rules } } }
  }
  const admitted = (selected: readonly SelectedHost[], others: readonly SelectedHost[]) => {
    const view = viewOf(cluster, selected, { others: { seen: others, faults: [] } })
    const plans = makePlan(view).hosts.map(
      ({ host, operations }) =>
        [host, operations.flatMap((operation) => (operation.op === 'admit-node' ? [operation.through] : []))] as const,
    )
    return { all: admissionsOf(view).map(({ host }) => host.name), plans: Object.fromEntries(plans) }
  }

  it('stand in the plan of the first new one, unless they are deployed themselves', () => {
    expect(admitted([guarded(ocean), seenHost(cluster, maia), seenHost(cluster, nova)], [guarded(luna)])).toEqual({
      all: ['ocean', 'luna'],
      plans: { ocean: [], maia: ['luna'], nova: [] },
    })
  })

  it('are none where nobody is new', () => {
    expect(admitted([guarded(ocean), seenHost(cluster, maia, runningFacts('agent'))], [guarded(luna)])).toEqual({
      all: [],
      plans: { ocean: [], maia: [] },
    })
  })

  it('are none that have no firewall yet', () => {
    expect(admitted([seenHost(cluster, maia)], [seenHost(cluster, ocean, runningFacts('server'))]).all).toEqual([])
  })
})
