import { describe, expect, it } from 'vitest'
import { k3sPlaces } from '../../../../src/desired/distribution/k3s/access.ts'
import { joinPath } from '../../../../src/desired/distribution/k3s/join-file.ts'
import { planHost } from '../../../../src/plan/host/plan-host.ts'
import { makePlan } from '../../../../src/plan/make-plan.ts'
import type { Operation } from '../../../../src/plan/operation.ts'
import { deletedServerData } from '../../../../src/plan/refusals/deleted-server-data.ts'
import type { SeenPast } from '../../../../src/probes/distribution/seen-past.ts'
import type { Facts } from '../../../../src/probes/facts.ts'
import { renderedOf } from '../../../../src/targets/render.ts'
import { viewOf } from '../../../support/samples/cluster-view.ts'
import { sampleCluster, sampleHost, sampleSurroundings } from '../../../support/samples/sample-cluster.ts'
import { applyOperations, emptyFacts, sourcesOf, withServices } from '../../../support/samples/sample-facts.ts'

const sources = sourcesOf({ 'k3s-agent-token': 'a1', 'k3s-server-token': 'a2' })
const ocean = sampleHost({ name: 'ocean', role: 'server', firstServer: true, nodeIPs: ['10.0.0.1'] })
const reef = sampleHost({ name: 'reef', role: 'server', nodeIPs: ['10.0.0.2'] })
const maia = sampleHost({ name: 'maia' })
const cluster = sampleCluster([ocean, reef, maia])

/** The operations of a host that matches the inventory except for its data. */
function operationsOf(
  host: typeof maia,
  past: SeenPast,
  active = 'active',
  through?: typeof maia,
): readonly Operation[] {
  const rendered = renderedOf(cluster, host, {
    ...sampleSurroundings,
    joinThrough: () => through ?? (host === ocean ? undefined : ocean),
  })
  const empty = emptyFacts(host.name, rendered.services)
  const right = applyOperations(rendered, empty, sources, planHost(rendered, empty, sources))
  const facts = withServices({ ...right, past }, { active })
  return makePlan(viewOf(cluster, [{ host, rendered, facts, sources }])).hosts.flatMap(({ operations }) => operations)
}
const restart = (unit: string) => ({
  op: 'restart-unit',
  unit,
  when: 'always',
  why: 'its data was deleted while it ran',
})
const gone = { noAgentData: true } as const

const refused = (host: typeof maia, facts: Facts, others: boolean) =>
  deletedServerData({ host, facts, rendered: { places: k3sPlaces } }, others)

describe('data that was deleted while k3s runs', () => {
  it('an agent is restarted, and joins anew', () => {
    expect(operationsOf(maia, { server: false, agent: false, ...gone })).toEqual([restart('k3s-agent.service')])
  })

  it('so is a server that lost what its node has, and not its cluster', () => {
    expect(operationsOf(reef, { server: true, agent: false, ...gone })).toEqual([restart('k3s.service')])
  })

  it('on a server whose Pods are units of systemd, only the Node joins anew', () => {
    const settings = { packages: [], programs: [], repositories: [], hostPaths: [] }
    const systemdKubelet = { ...settings, reserve: { milliCores: 0, memory: 0 } }
    const server = { ...reef, systemdKubelet }
    const past = { server: true, agent: false, ...gone }
    expect(operationsOf(server, past, 'active', ocean)).toEqual([restart('keel-vkubelet.service')])
  })

  it.each<[what: string, data: SeenPast, active: string, operations: readonly object[]]>([
    ['there it is', { server: false, agent: true }, 'active', []],
    ['not joined yet', { server: false, agent: false, ...gone }, 'activating', []],
    [
      'stopped',
      { server: false, agent: false, ...gone },
      'inactive',
      [{ op: 'start-unit', unit: 'k3s-agent.service' }],
    ],
  ])('but not where %s', (_what, data, active, operations) => {
    expect(operationsOf(maia, data, active)).toEqual(operations)
  })

  it.each([
    [true, /joins again/, '`systemctl stop k3s` on the host, then `keel deploy ocean`'],
    [false, /last copy of the cluster/, expect.stringContaining('from a backup')],
  ])('a server that lost its cluster is refused while it runs (another server has it: %s)', (others, why, todo) => {
    const facts = withServices(emptyFacts(ocean.name), { active: 'active', enabled: 'enabled' })
    expect(refused(ocean, facts, others)).toMatchObject([
      { code: 'server-data-deleted', why: expect.stringMatching(why), todo },
    ])
    expect(refused(ocean, withServices(facts, { active: 'inactive' }), others)).toEqual([])
    expect(refused(ocean, { ...facts, past: { server: true, agent: true } }, others)).toEqual([])
    expect(refused(maia, facts, others)).toEqual([])
  })

  it.each([
    ['failed', []],
    ['active', [{ code: 'server-data-deleted', todo: '`kubeadm reset` on the host, then `keel deploy ocean`' }]],
  ])('a server of kubeadm whose kubelet runs, and whose join is %s', (joined, faults) => {
    const { services, ...facts } = withServices(emptyFacts(ocean.name), { active: 'active' })
    const kubelet = { ...services[0], unit: 'kubelet.service' as const }
    const join = { ...kubelet, unit: 'keel-kubeadm.service' as const, active: joined }
    expect(refused(ocean, { ...facts, services: [join, kubelet] }, true)).toMatchObject(faults)
  })
})

it('a first server that lost its data and kept its files is told to join: its own file would found a second cluster', () => {
  const rendered = renderedOf(cluster, ocean, { ...sampleSurroundings, joinThrough: () => reef })
  const empty = emptyFacts(ocean.name)
  const before = renderedOf(cluster, ocean, { ...sampleSurroundings, joinThrough: () => undefined })
  const right = applyOperations(before, empty, sources, planHost(before, empty, sources))
  const writes = (server: boolean) =>
    makePlan(viewOf(cluster, [{ host: ocean, rendered, facts: { ...right, past: { server, agent: true } }, sources }]))
      .hosts.flatMap(({ operations }) => operations)
      .filter(({ op }) => op === 'write-file')
  expect(writes(false)).toEqual([{ op: 'write-file', path: joinPath, why: 'content' }])
  expect(writes(true)).toEqual([])
})
