import { describe, expect, test } from 'vitest'
import type { Host, NixosSystem } from '../../../../src/model/cluster.ts'
import { describeOperation } from '../../../../src/plan/describe-operation.ts'
import { planHost, type Sources } from '../../../../src/plan/host/plan-host.ts'
import type { Operation } from '../../../../src/plan/operation.ts'
import { renderedOf } from '../../../../src/targets/render.ts'
import { agentCa } from '../../../support/keel-agent/first-pair.ts'
import { sampleCluster, sampleHost, sampleSurroundings } from '../../../support/samples/sample-cluster.ts'
import { applyOperations, emptyFacts, emptySystemFacts } from '../../../support/samples/sample-facts.ts'

const keelAgent = { credential: { kind: 'kubelet' }, rbac: 'split', port: 50_051, logLevel: 'info' } as const
const units = [{ unit: 'k3s-agent.service' }] as const
const nixos: NixosSystem = { source: { kind: 'flake', attribute: 'reef' }, build: { on: 'target' } }

/** What a deploy does to a host that has nothing, and what the next one does. */
function deployedTwice(os: Host['os']): readonly [readonly Operation[], readonly Operation[]] {
  const host = sampleHost({ name: 'reef', os, keelAgent: true, ...(os === 'nixos' ? { nixos } : {}) })
  const rendered = renderedOf(sampleCluster([host], { keelAgent }), host, {
    ...sampleSurroundings,
    agentCa: agentCa.certificate,
  })
  if (rendered.kind === 'system') {
    const [facts, sources]: [ReturnType<typeof emptySystemFacts>, Sources] = [
      emptySystemFacts(host.name, [{ unit: 'k3s.service' }]),
      { kind: 'system', tree: 'tree' },
    ]
    const first = planHost(rendered, facts, sources)
    return [first, planHost(rendered, applyOperations(rendered, facts, sources, first), sources)]
  }
  const [facts, sources]: [ReturnType<typeof emptyFacts>, Sources] = [
    emptyFacts(host.name, units),
    { kind: 'files', credentials: {} },
  ]
  const first = planHost(rendered, facts, sources)
  return [first, planHost(rendered, applyOperations(rendered, facts, sources, first), sources)]
}

describe.each(['debian', 'flatcar', 'nixos'] as const)('the first certificate of a %s host', (os) => {
  const [first, second] = deployedTwice(os)

  test('is planned once, before what starts a service or switches the system', () => {
    const names = first.map(({ op }) => op)
    expect(names.filter((op) => op === 'certify')).toHaveLength(1)
    expect(names.indexOf('certify')).toBeLessThan(
      names.findIndex((op) => op === 'start-unit' || op === 'switch-system'),
    )
    expect(first.map(describeOperation)).toContain('certify keel-agent (it has no certificate of keel yet)')
  })

  test('is not planned again', () => expect(second.map(({ op }) => op)).not.toContain('certify'))
})
