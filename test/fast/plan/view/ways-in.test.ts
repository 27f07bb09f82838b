import { describe, expect, it } from 'vitest'
import type { Cluster, Host, Os } from '../../../../src/model/cluster.ts'
import { withWaysIn } from '../../../../src/plan/view/ways-in.ts'
import { renderedOf } from '../../../../src/targets/render.ts'
import { type CommonFacts, runningFacts, seenHost, viewOf } from '../../../support/samples/cluster-view.ts'
import { sampleCluster, sampleHost, sampleSurroundings } from '../../../support/samples/sample-cluster.ts'
import { emptyFacts, filesOf } from '../../../support/samples/sample-facts.ts'

interface Case {
  readonly os?: Os
  readonly vip?: Cluster['vip']
  /** What the two servers and the agent answered. */
  readonly facts: readonly [ocean: CommonFacts, reef: CommonFacts, maia: CommonFacts]
  /** The server that each of them joins through. */
  readonly through: readonly [ocean: string | undefined, reef: string | undefined, maia: string | undefined]
  readonly vipStands?: boolean
}

const keepalived = { address: '10.0.0.100', manager: 'keepalived' } as const
const { keepalived: seen } = emptyFacts(sampleHost({ name: 'ocean' }).name).parts
if (seen === undefined) throw new Error('nothing of an address')
const manager = { active: 'active', enabled: 'enabled', needsReload: false }
const holding = { parts: { keepalived: { ...seen, manager } } }
const server = (over: CommonFacts = {}) => runningFacts('server', over)
const agent = runningFacts('agent')

/**
 * Hosts are rendered before anybody is asked; what comes out is what a rendering with the way in would be that shows
 * afterwards.
 */
describe('the way in of each host', () => {
  it.each<[string, Case]>([
    ['all are new', { facts: [{}, {}, {}], through: [undefined, 'ocean', 'ocean'] }],
    ['all are in', { facts: [server(), server(), agent], through: [undefined, 'ocean', 'ocean'] }],
    ['the first server was wiped', { facts: [{}, server(), agent], through: ['reef', 'ocean', 'ocean'] }],
    [
      'an agent is new, and the first server is down',
      {
        facts: [server({ services: { active: 'failed', enabled: 'enabled' } }), server(), {}],
        through: [undefined, 'ocean', 'reef'],
      },
    ],
    ['on Flatcar', { os: 'flatcar', facts: [{}, server(), {}], through: ['reef', 'ocean', 'reef'] }],
    [
      'an address that a server has',
      { vip: keepalived, facts: [server(holding), {}, {}], through: [undefined, 'ocean', 'ocean'] },
    ],
    [
      'an address that a server brings',
      { vip: keepalived, facts: [{}, {}, {}], through: [undefined, 'ocean', 'ocean'] },
    ],
  ])('%s', (_what, { os = 'debian', vip: address, facts, through, vipStands = true }) => {
    const hosts = [
      sampleHost({ name: 'ocean', role: 'server', os, firstServer: true, nodeIPs: ['10.0.0.1'] }),
      sampleHost({ name: 'reef', role: 'server', os, nodeIPs: ['10.0.0.2'] }),
      sampleHost({ name: 'maia', os }),
    ]
    const cluster = sampleCluster(hosts, address === undefined ? {} : { vip: address })
    const view = viewOf(
      cluster,
      hosts.map((host, index) => seenHost(cluster, host, facts[index])),
    )
    const named = (name: string | undefined): Host | undefined => hosts.find((host) => host.name === name)
    const rendered = (host: Host, index: number) =>
      renderedOf(cluster, host, { ...sampleSurroundings, joinThrough: () => named(through[index]), vipStands })
    expect(withWaysIn(view).selected.seen.map((one) => one.rendered)).toEqual(hosts.map(rendered))
  })

  it('leads nowhere but to a server while the address stands on none', () => {
    const ocean = sampleHost({ name: 'ocean', role: 'server', firstServer: true, nodeIPs: ['10.0.0.1'] })
    const maia = sampleHost({ name: 'maia' })
    const cluster = sampleCluster([ocean, maia], { vip: keepalived })
    const view = viewOf(cluster, [seenHost(cluster, maia)], {
      others: { seen: [seenHost(cluster, ocean, server())], faults: [] },
    })
    const join = ({ selected }: typeof view) =>
      selected.seen
        .flatMap(({ rendered }) => filesOf(rendered).files)
        .find(({ path }) => path.endsWith('10-keel-join.yaml'))?.content
    expect(join(view)).toContain('10.0.0.100')
    expect(join(withWaysIn(view))).toContain('10.0.0.1:')
  })

  it('of a NixOS host is what its module says', () => {
    const nixos = { source: { kind: 'flake', attribute: 'a' }, build: { on: 'target' } } as const
    const ocean = sampleHost({ name: 'ocean', role: 'server', os: 'nixos', nixos, firstServer: true })
    const reef = sampleHost({ name: 'reef', role: 'server' })
    const cluster = sampleCluster([ocean, reef])
    const view = viewOf(cluster, [seenHost(cluster, ocean)], {
      others: { seen: [seenHost(cluster, reef, server())], faults: [] },
    })
    expect(withWaysIn(view)).toEqual(view)
  })
})
