import { describe, expect, it } from 'vitest'
import { clusterObjectsOf } from '../../../../src/desired/cluster-objects.ts'
import type { Host } from '../../../../src/model/cluster.ts'
import { plainText } from '../../../../src/model/text/styled-text.ts'
import { planApi } from '../../../../src/plan/api/plan-api.ts'
import { describePlan } from '../../../../src/plan/describe-plan.ts'
import { notes as notesOf } from '../../../../src/plan/notes/index.ts'
import type { Operation } from '../../../../src/plan/operation.ts'
import { isEmpty } from '../../../../src/plan/plan.ts'
import { refusals as refusalsOf } from '../../../../src/plan/refusals/index.ts'
import type { SelectedHost } from '../../../../src/plan/view/cluster-view.ts'
import type { Facts } from '../../../../src/probes/facts.ts'
import { renderedOf } from '../../../../src/targets/render.ts'
import { agentCluster, inApi } from '../../../support/samples/cluster-objects.ts'
import { viewOf } from '../../../support/samples/cluster-view.ts'
import { sampleCluster, sampleHost, sampleSurroundings } from '../../../support/samples/sample-cluster.ts'
import { emptyFacts } from '../../../support/samples/sample-facts.ts'

const server = (name: string) => sampleHost({ name, role: 'server', firstServer: name === 'a' })
const [a, b, c] = [server('a'), server('b'), server('c')] as const
const servers = [a, b, c]
const agent = sampleHost({ name: 'agent' })
const cluster = agentCluster('split', [...servers, agent])
const wanted = clusterObjectsOf(cluster)
const live = wanted.map(inApi)

/** A server of a cluster that runs; `objects`: what its API answers, if it does. */
const running = (host: Host, objects?: Facts['objects']): Facts => ({
  ...emptyFacts(host.name),
  past: { server: true, agent: true },
  ...(objects === undefined ? {} : { objects }),
})
const change: Operation = { op: 'start-unit', unit: 'k3s.service' }

const seen = (of: typeof cluster, host: Host, facts: Facts): SelectedHost => ({
  host,
  rendered: renderedOf(of, host, sampleSurroundings),
  facts,
  sources: { kind: 'files', credentials: {} },
})

function plan(
  facts: readonly Facts[],
  options: { readonly of?: typeof cluster; readonly changes?: readonly string[] } = {},
) {
  const { of = cluster, changes = [] } = options
  const selected = of.hosts.flatMap((host) =>
    facts.filter((one) => one.host === host.name).map((one) => seen(of, host, one)),
  )
  const hosts = selected.map(({ host: { name, role } }, wave) => ({
    host: name,
    role,
    wave,
    operations: changes.includes(name) ? [change] : [],
  }))
  const view = viewOf(of, selected)
  const objects = planApi(view, hosts)
  const refusals = refusalsOf(view, hosts)
  const notes = notesOf(view, hosts)
  return {
    ...objects,
    refusals,
    notes,
    ops: objects.operations.map(({ op }) => op),
    whole: { hosts, objects, refusals, notes },
  }
}

describe("keel's objects in the API of a cluster", () => {
  it('that is founded now come with it, through its first server', () => {
    const { through, ops } = plan([...servers, agent].map(({ name }) => emptyFacts(name)))
    expect(through).toBe('a')
    expect(ops).toEqual(wanted.map(() => 'apply-object'))
  })
  it('that runs: the first server that answers is asked, and no other', () => {
    const { through, ops, whole } = plan([running(a), running(b, []), running(c, live)])
    expect(through).toBe('b')
    expect(ops).toHaveLength(wanted.length)
    expect(plainText(describePlan(whole))).toContain("the cluster's API, through b\n  + apply Namespace keel-system\n")
    expect(isEmpty(whole)).toBe(false)
  })
  it('that has them all: nothing', () => {
    const { operations, through, whole } = plan([running(a, live)])
    expect({ operations, through }).toEqual({ operations: [] })
    expect(isEmpty(whole)).toBe(true)
  })
  it('whose API does not answer are looked at once this deploy has started a server', () => {
    expect(plan([running(a), running(b)], { changes: ['b'] })).toMatchObject({ through: 'a', ops: ['see-objects'] })
    // a new server of a cluster whose others are not in this deploy
    expect(plan([emptyFacts(b.name)], { changes: ['b'] })).toMatchObject({ through: 'b', ops: ['see-objects'] })
  })
  it('that is starting after a reboot: no change', () => {
    expect(plan([running(a), running(b), running(agent)], { changes: ['agent'] }).ops).toEqual([])
  })
  it('without a server in the deploy are not asked for, and the plan says so', () => {
    const { operations, notes, whole } = plan([running(agent)], { changes: ['agent'] })
    expect(operations).toEqual([])
    expect(notes).toMatchObject([{ code: 'objects-unasked', at: 'a' }])
    expect(plainText(describePlan(whole))).toContain('note: a: no server is in this deploy')
  })
  it('that somebody else made forbid the deploy', () => {
    const theirs = live.map((object) => (object.kind === 'Namespace' ? { ...object, labels: {} } : object))
    expect(plan([running(a, theirs)]).refusals).toMatchObject([{ code: 'foreign-object', at: 'a' }])
  })
})

describe('an inventory without the keel-agent', () => {
  const of = sampleCluster(cluster.hosts)
  it('has what an earlier one made removed', () => {
    const { through, ops } = plan([running(a, live)], { of })
    expect(through).toBe('a')
    expect(ops).toEqual(wanted.map(() => 'remove-object'))
  })
  it.each([
    ['of a new cluster', [emptyFacts(a.name)]],
    ['whose API does not answer', [running(a)]],
    ['without a server', [running(agent)]],
  ])('says nothing %s', (_what, facts) => {
    expect(plan(facts, { of, changes: ['a', 'agent'] }).whole).toMatchObject({ objects: { operations: [] }, notes: [] })
  })
})
