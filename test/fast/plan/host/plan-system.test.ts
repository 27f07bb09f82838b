import { describe, expect, it } from 'vitest'
import type { NixosSystem } from '../../../../src/model/cluster.ts'
import { lineDiff } from '../../../../src/plan/host/line-diff.ts'
import { planHost } from '../../../../src/plan/host/plan-host.ts'
import type { SystemFacts } from '../../../../src/probes/facts.ts'
import { nixosSystem } from '../../../../src/probes/host/nixos-system.ts'
import { renderedOf } from '../../../../src/targets/render.ts'
import { sampleCluster, sampleHost, sampleSurroundings } from '../../../support/samples/sample-cluster.ts'
import { applyOperations, emptySystemFacts, withServices } from '../../../support/samples/sample-facts.ts'

const nixos = { source: { kind: 'flake', attribute: 'maia' }, build: { on: 'target' } } as const
const maia = sampleHost({ name: 'maia', os: 'nixos', nixos, nodeIPs: ['10.0.0.2'] })
const rendered = (host: typeof maia) => renderedOf(sampleCluster([maia]), host, sampleSurroundings)
const wanted = rendered(maia)
const sources = { kind: 'system', tree: 'digest' } as const
const converged = applyOperations(
  wanted,
  emptySystemFacts(maia.name),
  sources,
  planHost(wanted, emptySystemFacts(maia.name), sources),
)

describe('the plan of a NixOS host', () => {
  it('is empty once it has been carried out', () => {
    expect(planHost(wanted, converged, sources)).toEqual([])
  })

  it.each<[string, Partial<SystemFacts['nixos']>, string]>([
    [
      'another system runs',
      { current: '/nix/store/by-hand' },
      'it runs another system than the one that keel activated',
    ],
    ['the next boot takes another', { boot: '/nix/store/older' }, 'it would boot another system'],
    ['the last deploy was not confirmed', { record: undefined } as never, 'keel has not switched it yet'],
  ])('switches where %s', (_, change, why) => {
    const { record, ...state } = { ...converged.nixos, ...change }
    const facts = { ...converged, nixos: record === undefined ? state : { ...state, record } }
    expect(planHost(wanted, facts, sources)).toMatchObject([{ op: 'switch-system', why, secrets: ['k3s-agent-token'] }])
  })

  it('shows what changes in its module', () => {
    const taller = rendered({ ...maia, labels: { tier: 'edge' } })
    expect(planHost(taller, converged, { kind: 'system', tree: 'other' })).toMatchObject([
      {
        op: 'switch-system',
        why: 'its sources changed',
        diff: expect.arrayContaining(['+ { nodeLabel = [ "tier=edge" ]; }']),
      },
    ])
  })

  const onChannels = (build: NixosSystem['build']) =>
    rendered({ ...maia, nixos: { source: { kind: 'configuration', file: 'hosts/maia/configuration.nix' }, build } })
  const { record } = converged.nixos
  const updated = {
    ...converged,
    nixos: {
      ...converged.nixos,
      record: { ...(record ?? expect.unreachable()), channels: '/nix/store/a' },
      channels: '/nix/store/b',
    },
  }
  it.each([
    ['built there from its channels', onChannels({ on: 'target' }), ['its channels have changed since it was built']],
    ['built elsewhere', onChannels({ on: 'local' }), []],
    ['of a flake, which names its nixpkgs itself', wanted, []],
  ])('after an update of its channels: a system %s', (_, placed, whys) => {
    expect(planHost(placed, updated, sources).map((operation) => 'why' in operation && operation.why)).toEqual(whys)
  })

  it('starts a k3s that does not run', () => {
    const facts = withServices(converged, { active: 'failed' })
    expect(planHost(wanted, facts, sources)).toEqual([{ op: 'start-unit', unit: 'k3s.service' }])
  })
})

it('reads what the probe prints', () => {
  const module = Buffer.from('{ }\n').toString('base64')
  expect(
    nixosSystem.parse(
      `current\t/nix/store/a\nboot\t/nix/store/b\nsources\td\nsystem\t/nix/store/a\nmodule\t${module}\n`,
    ),
  ).toEqual({
    current: '/nix/store/a',
    boot: '/nix/store/b',
    channels: '',
    record: { sources: 'd', system: '/nix/store/a', module: '{ }\n' },
  })
  const built = `channels\t/nix/store/d\nsources\td\nsystem\t/nix/store/a\nbuilt-from\t/nix/store/c\nmodule\t${module}\n`
  expect(nixosSystem.parse(built)).toMatchObject({ channels: '/nix/store/d', record: { channels: '/nix/store/c' } })
  expect(nixosSystem.parse('current\t/nix/store/a\nboot\t/nix/store/b\n')).toEqual({
    current: '/nix/store/a',
    boot: '/nix/store/b',
    channels: '',
  })
})

it.each([
  ['a\nb\nc', 'a\nc', ['- b']],
  ['a\nc', 'a\n  b\nc', ['+ b']],
  ['a\nb', 'b\na', ['- a', '+ a']],
  ['a', 'a', []],
])('lineDiff(%j, %j)', (before, after, lines) => expect(lineDiff(before, after)).toEqual(lines))
