import { describe, expect, it } from 'vitest'
import { k3sPlaces } from '../../../../src/desired/distribution/k3s/access.ts'
import type { Host } from '../../../../src/model/cluster.ts'
import { makePlan } from '../../../../src/plan/make-plan.ts'
import { foundingAgain, foundingBlind } from '../../../../src/plan/refusals/founding.ts'
import { refusals } from '../../../../src/plan/refusals/index.ts'
import { labelBlind } from '../../../../src/plan/refusals/label-blind.ts'
import { hostRefusals } from '../../../../src/plan/refusals/unfit-host.ts'
import { certificateId } from '../../../../src/probes/distribution/seen-past.ts'
import type { FilesFacts } from '../../../../src/probes/facts.ts'
import { runningFacts, seenHost, silent, viewOf } from '../../../support/samples/cluster-view.ts'
import { sampleCluster, sampleHost, sampleSurroundings } from '../../../support/samples/sample-cluster.ts'
import { emptyFacts } from '../../../support/samples/sample-facts.ts'

const nixos = { source: { kind: 'flake', attribute: 'a' }, build: { on: 'target' } } as const
const ocean = sampleHost({ name: 'ocean', role: 'server', firstServer: true, nodeIPs: ['10.0.0.1'] })
const reef = sampleHost({ name: 'reef', role: 'server', nodeIPs: ['10.0.0.2'] })
const maia = sampleHost({ name: 'maia', labels: { tier: 'edge' } })
const cluster = sampleCluster([ocean, reef, maia])
const relabelled = { node: { labels: { tier: 'core' }, taints: {}, owned: { labels: ['tier'], taints: [] } } }
const nobody = { seen: [], faults: [] }

const rendered = { places: k3sPlaces, distribution: 'k3s' as const }

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
    expect(
      foundingBlind(viewOf(cluster, [empty], { others, selected: { seen: [empty], faults: [silent(reef)] } })),
    ).toEqual([])
  })
  it('nor where it has data itself', () => {
    const view = viewOf(cluster, [seenHost(cluster, ocean, runningFacts('server'))], {
      others: { seen: [], faults: [silent(reef)] },
    })
    expect(foundingBlind(view)).toEqual([])
  })
  it.each([
    [
      'a NixOS module says that it founds one',
      { ...ocean, os: 'nixos', nixos } as const,
      true,
      ['ocean founding-again'],
    ],
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

describe('a host by itself', () => {
  const system = { id: 'debian', machine: 'x86_64', systemd: 252, missing: [] }
  const none = { server: false, agent: false }
  const ca = sampleSurroundings.caCertificate ?? ''
  const ours = certificateId(ca)
  const flatcar = { ...maia, os: 'flatcar' } as const
  const onNixos = { ...maia, os: 'nixos', nixos } as const

  it.each<
    [
      string,
      { host?: Host; system?: Partial<FilesFacts['system']>; past?: Partial<FilesFacts['past']>; found: string[] },
    ]
  >([
    ['fits', { found: [] }],
    ['of another architecture', { system: { machine: 'aarch64' }, found: ['wrong-arch'] }],
    ['of an architecture that keel does not know', { system: { machine: 'riscv64' }, found: ['wrong-arch'] }],
    [
      'of the architecture that it has to be',
      { host: { ...maia, arch: 'arm64' }, system: { machine: 'aarch64' }, found: [] },
    ],
    ['a derivative of Debian', { system: { id: 'ubuntu' }, found: [] }],
    ['Flatcar in place of Debian', { system: { id: 'flatcar' }, found: ['wrong-os'] }],
    ['NixOS in place of Debian', { system: { id: 'nixos' }, found: ['wrong-os'] }],
    ['Debian in place of Flatcar', { host: flatcar, found: ['wrong-os'] }],
    ['Flatcar', { host: flatcar, system: { id: 'flatcar' }, found: [] }],
    ['Debian in place of NixOS', { host: onNixos, found: ['wrong-os'] }],
    ['with the oldest systemd that will do', { system: { systemd: 250 }, found: [] }],
    ['with one that is older', { system: { systemd: 249 }, found: ['unfit-host'] }],
    ['without a program', { system: { missing: ['flock'] }, found: ['unfit-host'] }],
    ['without one that only Flatcar needs', { system: { missing: ['systemd-sysext'] }, found: [] }],
    [
      'Flatcar without that one',
      { host: flatcar, system: { id: 'flatcar', missing: ['systemd-sysext'] }, found: ['unfit-host'] },
    ],
    ['an agent that was a server', { past: { server: true, agent: true }, found: ['server-data-on-agent'] }],
    ['a server that is one', { host: ocean, past: { server: true, serverCa: ours, agentCa: ours }, found: [] }],
    [
      "with a server's data under another CA",
      { host: ocean, past: { server: true, serverCa: 'x' }, found: ['foreign-ca'] },
    ],
    ["with an agent's data under another CA", { past: { agent: true, agentCa: 'x' }, found: ['foreign-ca'] }],
    ['with both, of which one is ours', { host: ocean, past: { serverCa: ours, agentCa: 'x' }, found: ['foreign-ca'] }],
    ['with data under our CA', { past: { agent: true, agentCa: ours }, found: [] }],
  ])('%s', (_what, { host = maia, found, ...seen }) => {
    const facts = { ...emptyFacts(host.name), system: { ...system, ...seen.system }, past: { ...none, ...seen.past } }
    expect(hostRefusals({ host, facts, rendered }, ca).map(({ code, at }) => `${at} ${code}`)).toEqual(
      found.map((code) => `${host.name} ${code}`),
    )
  })

  it('is told what it lacks: an old systemd before programs', () => {
    const lacking = (systemd: number) => ({
      ...emptyFacts(maia.name),
      system: { ...system, systemd, missing: ['flock', 'stat'] },
    })
    expect(
      [252, 249].map((systemd) => hostRefusals({ host: maia, facts: lacking(systemd), rendered }, ca)[0]?.found),
    ).toEqual(['no flock, stat', 'systemd 249'])
  })

  it('has no other CA where the inventory has none', () => {
    const facts = { ...emptyFacts(maia.name), past: { ...none, agentCa: 'x' } }
    expect(hostRefusals({ host: maia, facts, rendered }, undefined)).toEqual([])
  })

  it('needs nft for a firewall', () => {
    const facts = emptyFacts(maia.name)
    const firewall = facts.parts.firewall ?? expect.unreachable()
    const without = {
      ...facts,
      parts: { ...facts.parts, firewall: { ...firewall, nft: false } },
    }
    expect(hostRefusals({ host: maia, facts, rendered }, ca)).toEqual([])
    expect(hostRefusals({ host: maia, facts: without, rendered }, ca)).toMatchObject([{ code: 'no-nft', at: 'maia' }])
  })
})

describe('all refusals of a plan', () => {
  it('come in one order: each host by itself, the cluster, hosts that are new, what only servers know', () => {
    const wrong = { system: { id: 'debian', machine: 'aarch64', systemd: 252, missing: [] } }
    const view = viewOf(
      cluster,
      [seenHost(cluster, ocean, wrong), seenHost(cluster, maia, runningFacts('agent', relabelled))],
      {
        others: { seen: [], faults: [silent(reef)] },
      },
    )
    expect(refusals(view, []).map(({ code, at }) => `${at} ${code}`)).toEqual([
      'ocean wrong-arch',
      'ocean founding-blind',
      'maia label-blind',
    ])
    expect(makePlan(view).refusals).toEqual(refusals(view, []))
  })
  it('are none where hosts are as they were', () => {
    expect(
      refusals(viewOf(cluster, [seenHost(cluster, ocean, runningFacts('server'))], { others: nobody }), []),
    ).toEqual([])
  })
})
