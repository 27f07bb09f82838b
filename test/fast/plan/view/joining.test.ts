import { describe, expect, it } from 'vitest'
import { clusterStateOf } from '../../../../src/desired/cluster-state.ts'
import { hostStateOf } from '../../../../src/desired/host-state-of.ts'
import type { Host } from '../../../../src/model/cluster.ts'
import { planHost } from '../../../../src/plan/host/plan-host.ts'
import { joinThrough } from '../../../../src/plan/view/joining.ts'
import type { Facts } from '../../../../src/probes/facts.ts'
import { renderedOf } from '../../../../src/targets/render.ts'
import { sampleCluster, sampleHost, sampleSurroundings } from '../../../support/samples/sample-cluster.ts'
import { applyOperations, emptyFacts, sourcesOf, withServices } from '../../../support/samples/sample-facts.ts'

const [one, two, three] = (['one', 'two', 'three'] as const).map((name, index) =>
  sampleHost({ name, role: 'server', firstServer: index === 0, nodeIPs: [`10.0.0.${index + 1}`] }),
)
const agent = sampleHost({ name: 'agent' })
if (one === undefined || two === undefined || three === undefined) throw new Error('three servers')
const cluster = sampleCluster([one, two, three, agent])

/** `one+` has data and runs, `one-` has data and does not run, `one` is empty. */
function servers(...states: readonly string[]): readonly Facts[] {
  return states.map((state) => {
    const host = [one, two, three].find((server) => server !== undefined && state.startsWith(server.name))
    if (host === undefined) throw new Error(state)
    const data = /[+-]$/.test(state)
    return {
      ...withServices(emptyFacts(host.name), {
        active: state.endsWith('+') ? 'active' : 'inactive',
        enabled: 'enabled',
      }),
      past: { server: data, agent: data },
    }
  })
}

describe('the server that a new host joins through', () => {
  it.each([
    ['nobody has data: the first server founds', one, ['one', 'two', 'three'], undefined],
    ['nobody has data: the second waits for the first', two, ['one', 'two'], 'one'],
    ['nobody could be asked: an agent goes to the first', agent, [], 'one'],
    ['the first is there', three, ['one+', 'two+'], 'one'],
    ['the first is there and does not run: another does', agent, ['one-', 'two+', 'three+'], 'two'],
    ['nothing runs: the first that has data', agent, ['one-', 'two-'], 'one'],
    ['the first was wiped: it joins, and founds no second cluster', one, ['one', 'two+', 'three+'], 'two'],
    ['the first was wiped while the others are down: it still does not found', one, ['one', 'two-'], 'two'],
  ])('%s', (_what, host, states, expected) => {
    expect(joinThrough(cluster, host, servers(...states))?.name).toBe(expected)
  })
})

describe('a host that has joined one way', () => {
  it('needs no change when the plan would now choose another', () => {
    const joined = renderedOf(cluster, one, { ...sampleSurroundings, joinThrough: () => two })
    const usual = renderedOf(cluster, one, { ...sampleSurroundings, joinThrough: () => undefined })
    const sources = sourcesOf({ 'k3s-server-token': 's', 'k3s-agent-token': 'a' })
    const facts = applyOperations(
      joined,
      emptyFacts(one.name),
      sources,
      planHost(joined, emptyFacts(one.name), sources),
    )
    expect(planHost(usual, { ...facts, past: { server: true, agent: true } }, sources)).toEqual([])
  })
  it('never gets the CA key when it does not found', () => {
    const steps = (through: Host | undefined) =>
      hostStateOf(clusterStateOf(cluster), one, {
        ...sampleSurroundings,
        joinThrough: () => through,
      }).distribution.once.map(({ kind }) => kind)
    expect(steps(two)).toEqual([])
    expect(steps(undefined)).toEqual(['place-ca'])
  })
})
