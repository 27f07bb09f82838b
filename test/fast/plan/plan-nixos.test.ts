import { describe, expect, it } from 'vitest'
import { hostStateOf } from '../../../src/desired/host-state-of.ts'
import { lineDiff } from '../../../src/plan/line-diff.ts'
import { planHost, systemSource } from '../../../src/plan/plan-host.ts'
import type { Facts } from '../../../src/probes/facts.ts'
import { nixosSystem } from '../../../src/probes/nixos-system.ts'
import { renderHost } from '../../../src/targets/render.ts'
import { sampleCluster, sampleHost, sampleSurroundings } from '../../support/sample-cluster.ts'
import { applyOperations, emptyFacts } from '../../support/sample-facts.ts'

const nixos = { source: { kind: 'flake', attribute: 'maia' }, build: { on: 'target' } } as const
const maia = sampleHost({ name: 'maia', os: 'nixos', nixos, nodeIPs: ['10.0.0.2'] })
const rendered = (host: typeof maia) => renderHost(hostStateOf(sampleCluster([maia]), host, sampleSurroundings))
const wanted = rendered(maia)
const sources = { [systemSource]: 'digest' }
const converged = applyOperations(wanted, emptyFacts(maia.name), sources, planHost(wanted, emptyFacts(maia.name), sources))

describe('the plan of a NixOS host', () => {
  it('is empty once it has been carried out', () => {
    expect(planHost(wanted, converged, sources)).toEqual([])
  })

  it.each<[string, Partial<NonNullable<Facts['nixos']>>, string]>([
    ['another system runs', { current: '/nix/store/by-hand' }, 'it runs another system than keel switched it to'],
    ['the next boot takes another', { boot: '/nix/store/older' }, 'its next boot would take another system'],
    ['the last deploy was not confirmed', { record: undefined } as never, 'keel has not switched it yet'],
  ])('switches where %s', (_, change, why) => {
    const { record, ...state } = { ...(converged.nixos ?? expect.unreachable()), ...change }
    const facts = { ...converged, nixos: record === undefined ? state : { ...state, record } }
    expect(planHost(wanted, facts, sources)).toMatchObject([{ op: 'switch-system', why, secrets: ['k3s-agent-token'] }])
  })

  it('shows what changes in its module', () => {
    const taller = rendered({ ...maia, labels: { tier: 'edge' } })
    expect(planHost(taller, converged, { [systemSource]: 'other' })).toMatchObject([
      { op: 'switch-system', why: 'its sources changed', diff: expect.arrayContaining(['+ { nodeLabel = [ "tier=edge" ]; }']) },
    ])
  })

  it('starts a k3s that does not run', () => {
    const facts = { ...converged, unit: { ...converged.unit, active: 'failed' } }
    expect(planHost(wanted, facts, sources)).toEqual([{ op: 'start-unit', unit: 'k3s.service' }])
  })
})

it('reads what the probe prints', () => {
  const module = Buffer.from('{ }\n').toString('base64')
  expect(
    nixosSystem.parse(`current\t/nix/store/a\nboot\t/nix/store/b\nsources\td\nsystem\t/nix/store/a\nmodule\t${module}\n`),
  ).toEqual({
    current: '/nix/store/a',
    boot: '/nix/store/b',
    record: { sources: 'd', system: '/nix/store/a', module: '{ }\n' },
  })
  expect(nixosSystem.parse('current\t/nix/store/a\nboot\t/nix/store/b\n')).toEqual({
    current: '/nix/store/a',
    boot: '/nix/store/b',
  })
})

it.each([
  ['a\nb\nc', 'a\nc', ['- b']],
  ['a\nc', 'a\n  b\nc', ['+ b']],
  ['a\nb', 'b\na', ['- a', '+ a']],
  ['a', 'a', []],
])('lineDiff(%j, %j)', (before, after, lines) => expect(lineDiff(before, after)).toEqual(lines))
