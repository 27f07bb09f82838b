import { describe, expect, it } from 'vitest'
import { noServerToSpare } from '../../../../src/plan/notes/no-server-to-spare.ts'
import type { HostPlan } from '../../../../src/plan/plan.ts'
import { withoutHosts } from '../../../../src/plan/refusals/without-hosts.ts'
import type { ClusterView, SelectedHost } from '../../../../src/plan/view/cluster-view.ts'
import type { Facts } from '../../../../src/probes/facts.ts'
import { renderedOf } from '../../../../src/targets/render.ts'
import { viewOf } from '../../../support/samples/cluster-view.ts'
import { sampleCluster, sampleHost, sampleSurroundings } from '../../../support/samples/sample-cluster.ts'
import { emptyFacts, withServices } from '../../../support/samples/sample-facts.ts'

type State = 'up' | 'down' | 'new' | 'off'

/** Servers by their state, and one agent. */
function reached(states: readonly State[], members?: readonly string[], silentAgent = false): ClusterView {
  const hosts = states.map((_, index) =>
    sampleHost({ name: `s${index + 1}`, role: 'server', firstServer: index === 0 }),
  )
  const cluster = sampleCluster([...hosts, sampleHost({ name: 'maia' })])
  const servers = hosts.flatMap((host, index): readonly SelectedHost[] => {
    const state = states[index]
    if (state === 'off') return []
    const facts: Facts = {
      ...withServices(emptyFacts(host.name), { active: state === 'up' ? 'active' : 'inactive', enabled: 'enabled' }),
      past: { server: state !== 'new', agent: state !== 'new' },
    }
    return [
      {
        host,
        facts,
        rendered: renderedOf(cluster, host, sampleSurroundings),
        sources: { kind: 'files', credentials: {} },
      },
    ]
  })
  const silent = [
    ...hosts.filter((_, index) => states[index] === 'off').map(({ name }) => name),
    ...(silentAgent ? ['maia'] : []),
  ]
  return viewOf(cluster, servers, {
    selected: { seen: servers, faults: silent.map((at) => ({ code: 'ssh-timeout', at, found: 'no answer' })) },
    ...(members === undefined
      ? {}
      : { remembered: { at: sampleHost({ name: 's1' }).name, members: { nodes: [], passwords: [], etcd: members } } }),
  })
}

describe('a deploy without the hosts that do not answer', () => {
  it.each<[string, readonly State[], readonly string[] | undefined, readonly string[]]>([
    ['one server of three', ['up', 'up', 'off'], undefined, []],
    ['the first of three', ['off', 'up', 'up'], undefined, []],
    ['two servers of three', ['up', 'off', 'off'], undefined, ['s2 skip-quorum']],
    ['one of three, and another is stopped', ['up', 'down', 'off'], undefined, ['s3 skip-quorum']],
    ['one of two', ['up', 'off'], undefined, ['s2 skip-quorum']],
    ['the only one', ['off'], undefined, ['s1 skip-founder']],
    ['the founder of a new cluster', ['off', 'new', 'new'], undefined, ['s1 skip-founder']],
    ['another server of a new cluster', ['new', 'new', 'off'], undefined, ['s3 skip-founder']],
    ['servers that etcd does not know yet', ['up', 'off', 'off'], ['s1'], []],
    ['a server that etcd knows', ['up', 'off', 'off'], ['s1', 's2'], ['s2 skip-quorum']],
    ['two of five', ['up', 'off', 'up', 'off', 'up'], undefined, []],
  ])('%s', (_what, states, members, expected) =>
    expect(withoutHosts(reached(states, members)).map(({ at, code }) => `${at} ${code}`)).toEqual(expected),
  )

  it('agents can always be left out', () => expect(withoutHosts(reached(['up'], undefined, true))).toEqual([]))

  it('says where no server is to spare', () => {
    const plan: HostPlan = {
      host: sampleHost({ name: 's1' }).name,
      role: 'server',
      wave: 0,
      operations: [{ op: 'restart-unit', unit: 'k3s.service', when: 'always', why: '' }],
    }
    const notes = (states: readonly State[], plans = [plan]) =>
      noServerToSpare(reached(states), plans).map(({ at, code }) => `${at} ${code}`)
    expect(notes(['up', 'up', 'off'])).toEqual(['s1 no-server-to-spare'])
    expect(notes(['up', 'up', 'up', 'up', 'off'])).toEqual([])
    expect(notes(['up', 'up', 'off'], [{ ...plan, operations: [] }])).toEqual([])
    expect(notes(['up', 'up', 'up'])).toEqual([])
  })
})
