import { describe, expect, it } from 'vitest'
import { makePlan } from '../../../../src/plan/make-plan.ts'
import { foundingAgain, foundingBlind } from '../../../../src/plan/refusals/founding.ts'
import { refusals } from '../../../../src/plan/refusals/index.ts'
import { labelBlind } from '../../../../src/plan/refusals/label-blind.ts'
import { runningFacts, seenHost, silent, viewOf } from '../../../support/samples/cluster-view.ts'
import { sampleCluster, sampleHost } from '../../../support/samples/sample-cluster.ts'

const nixos = { source: { kind: 'flake', attribute: 'a' }, build: { on: 'target' } } as const
const ocean = sampleHost({ name: 'ocean', role: 'server', firstServer: true, nodeIPs: ['10.0.0.1'] })
const reef = sampleHost({ name: 'reef', role: 'server', nodeIPs: ['10.0.0.2'] })
const maia = sampleHost({ name: 'maia', labels: { tier: 'edge' } })
const cluster = sampleCluster([ocean, reef, maia])
const relabelled = { node: { labels: { tier: 'core' }, taints: {}, owned: { labels: ['tier'], taints: [] } } }
const nobody = { seen: [], faults: [] }

describe('a first server without data', () => {
  const empty = seenHost(cluster, ocean)
  it('founds no cluster while another server can’t be asked for its own', () => {
    const blind = (faults: readonly ReturnType<typeof silent>[]) =>
      foundingBlind(viewOf(cluster, [empty], { others: { seen: [], faults } })).map(({ code, at }) => `${at} ${code}`)
    expect(blind([silent(reef)])).toEqual(['ocean founding-blind'])
    expect(blind([silent(maia)])).toEqual([])
    expect(blind([])).toEqual([])
  })
  it('is not refused where another server is known to have the cluster: it joins', () => {
    const others = { seen: [seenHost(cluster, reef, runningFacts('server'))], faults: [] }
    expect(foundingBlind(viewOf(cluster, [empty], { others, selected: { seen: [empty], faults: [silent(reef)] } }))).toEqual([])
  })
  it('nor where it has data itself', () => {
    const view = viewOf(cluster, [seenHost(cluster, ocean, runningFacts('server'))], {
      others: { seen: [], faults: [silent(reef)] },
    })
    expect(foundingBlind(view)).toEqual([])
  })
  it.each([
    ['a NixOS module says that it founds one', { ...ocean, os: 'nixos', nixos } as const, true, ['ocean founding-again']],
    ['no other server has one', { ...ocean, os: 'nixos', nixos } as const, false, []],
    ['on Debian it joins', ocean, true, []],
    ['it is not the first', { ...reef, os: 'nixos', nixos } as const, true, []],
  ])('%s', (_what, host, lives, expected) => {
    const other = host.name === 'reef' ? ocean : reef
    const seen = seenHost(cluster, other, lives ? runningFacts('server') : {})
    const of = sampleCluster([host, other])
    const faults = foundingAgain(viewOf(of, [seenHost(of, host)], { others: { seen: [seen], faults: [] } }))
    expect(faults.map(({ code, at }) => `${at} ${code}`)).toEqual(expected)
  })
})

describe('labels that differ', () => {
  it.each([
    ['no server tells which are keel’s', runningFacts('server'), ['maia label-blind']],
    ['a server does', runningFacts('server', { records: {} }), []],
  ])('%s', (_what, facts, expected) => {
    const others = { seen: [seenHost(cluster, reef, facts)], faults: [] }
    const faults = labelBlind(viewOf(cluster, [seenHost(cluster, maia, runningFacts('agent', relabelled))], { others }))
    expect(faults.map(({ code, at }) => `${at} ${code}`)).toEqual(expected)
  })
})

describe('all refusals of a plan', () => {
  it('come in one order: each host by itself, the cluster, hosts that are new, what only servers know', () => {
    const wrong = { system: { id: 'debian', machine: 'aarch64', systemd: 252, missing: [] } }
    const view = viewOf(cluster, [seenHost(cluster, ocean, wrong), seenHost(cluster, maia, runningFacts('agent', relabelled))], {
      others: { seen: [], faults: [silent(reef)] },
    })
    expect(refusals(view, []).map(({ code, at }) => `${at} ${code}`)).toEqual([
      'ocean wrong-arch',
      'ocean founding-blind',
      'maia label-blind',
    ])
    expect(makePlan(view).refusals).toEqual(refusals(view, []))
  })
  it('are none where hosts are as they were', () => {
    expect(refusals(viewOf(cluster, [seenHost(cluster, ocean, runningFacts('server'))], { others: nobody }), [])).toEqual([])
  })
})
