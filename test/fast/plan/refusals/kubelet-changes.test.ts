import { describe, expect, it } from 'vitest'
import { describeOperation } from '../../../../src/plan/describe-operation.ts'
import { destructiveSteps } from '../../../../src/plan/destructive.ts'
import { makePlan } from '../../../../src/plan/make-plan.ts'
import { operationsOf } from '../../../../src/plan/operation.ts'
import { kubeletChanges } from '../../../../src/plan/refusals/kubelet-changes.ts'
import type { ClusterView } from '../../../../src/plan/view/cluster-view.ts'
import { whoToAsk } from '../../../../src/plan/who-to-ask.ts'
import { runningFacts, seenHost, viewOf } from '../../../support/samples/cluster-view.ts'
import { sampleKubeadm } from '../../../support/samples/kubeadm-cluster.ts'
import { sampleCluster, sampleHost } from '../../../support/samples/sample-cluster.ts'

const systemdKubelet = {
  packages: [],
  programs: [],
  repositories: [],
  hostPaths: [],
  reserve: { milliCores: 100, memory: 2 ** 28 },
}
const unit = (name: string) => `/etc/systemd/system/${name}.service`

interface Changed {
  readonly isSystemd: boolean
  readonly owned: readonly string[]
  readonly role?: 'server' | 'agent'
  readonly kind?: 'k3s' | 'kubeadm'
  /** Whether the server of the cluster runs. */
  readonly serverRuns?: boolean
  readonly drain?: boolean
  readonly more?: readonly string[]
  /** An interrupted deploy has cordoned its Node. */
  readonly isCordoned?: true
}

const cordoned = { labels: {}, taints: {}, isCordoned: true } as const

/** A server, and maia (and more) that had other units of keel than the inventory wants. */
function changed({
  isSystemd,
  owned,
  role = 'agent',
  kind = 'k3s',
  serverRuns = true,
  drain,
  more = [],
  ...node
}: Changed) {
  const ocean = sampleHost({ name: 'ocean', role: 'server', firstServer: true })
  const changing = ['maia', ...more].map((name) =>
    sampleHost({ name, role, ...(isSystemd ? { systemdKubelet } : {}), labels: { tier: 'edge' } }),
  )
  const cluster = sampleCluster([ocean, ...changing], kind === 'k3s' ? {} : { distribution: sampleKubeadm })
  const selected = changing.map((host) => {
    const seen = seenHost(cluster, host, { past: { server: role === 'server', agent: false } })
    const generation = { ...seen.facts.generation, owned: owned.map(unit) }
    return { ...seen, facts: { ...seen.facts, generation, ...(node.isCordoned ? { node: cordoned } : {}) } }
  })
  const server = seenHost(cluster, ocean, serverRuns ? runningFacts('server') : {})
  const view: ClusterView = viewOf(cluster, selected, {
    others: { seen: [server], faults: [] },
    ...(drain === true ? { drain } : {}),
  })
  return { view, cluster, changing }
}

function faults(of: Changed) {
  const { view } = changed(of)
  return view.selected.seen.flatMap((one) => kubeletChanges(view, one))
}

const toSystemd = { isSystemd: true, owned: ['k3s-agent', 'keel-firewall'] }
const fromSystemd = { isSystemd: false, owned: ['keel-vkubelet'] }

describe('a host that changes its kind of kubelet', () => {
  it.each<[string, Changed, string]>([
    ['an agent of k3s gets the systemd kubelet', toSystemd, 'keel deploy maia --drain'],
    ['an agent loses it', fromSystemd, 'keel deploy maia --drain'],
    ['no server could drain it', { ...toSystemd, drain: true, serverRuns: false }, 'keel plan --role server'],
    ...[false, true].flatMap((drain): [string, Changed, string][] => [
      ['a server of k3s gets it', { isSystemd: true, role: 'server', owned: ['k3s'], drain }, 'remove-a-node'],
      [
        'a server loses it',
        { isSystemd: false, role: 'server', owned: ['k3s', 'keel-vkubelet'], drain },
        'remove-a-node',
      ],
      [
        'a worker of kubeadm gets it',
        { isSystemd: true, kind: 'kubeadm', owned: ['keel-kubeadm'], drain },
        'remove-a-node',
      ],
    ]),
  ])('is refused: %s', (_what, of, todo) => {
    const found = faults(of)
    expect(found.map(({ code, at }) => [code, at])).toEqual([['kubelet-changes', 'maia']])
    expect(found[0]?.todo).toContain(todo)
  })

  it.each<[string, Changed]>([
    ['the machine is new', { isSystemd: true, owned: [] }],
    ['it has only parts of keel', { isSystemd: true, owned: ['keel-firewall', 'keel-agent'] }],
    ['it has had it before', { isSystemd: true, owned: ['keel-vkubelet'] }],
    ['a server has had it before', { isSystemd: true, role: 'server', owned: ['k3s', 'keel-vkubelet'] }],
    ['it never had it', { isSystemd: false, owned: ['k3s-agent'] }],
  ])('is neither refused nor drained if %s', (_what, of) => {
    expect(faults(of)).toEqual([])
    const { view } = changed({ ...of, drain: true })
    expect(makePlan(view).hosts.flatMap(({ operations }) => operations.map(({ op }) => op))).not.toContain('drain-node')
  })

  it('has a server asked, which could drain it', () => {
    const { view, cluster, changing } = changed({ ...fromSystemd })
    const seen = view.selected.seen.map((one) => ({
      ...one,
      facts: { ...one.facts, past: { server: false, agent: true } },
    }))
    expect(whoToAsk(cluster, changing, { seen, faults: [] }).map(({ name }) => name)).toEqual(['ocean'])
  })
})

describe('with --drain', () => {
  it.each<[string, Changed, string]>([
    ['to units', toSystemd, 'stop k3s-agent, and remove all containers of Pods and what the agent has stored'],
    ['and back', fromSystemd, 'stop keel-vkubelet, and remove all units and directories of Pods'],
  ])('its Node is drained and deleted before the host changes: %s', (_way, of, left) => {
    const { view } = changed({ ...of, drain: true })
    const plan = makePlan(view)
    const [host] = plan.hosts
    expect(plan.refusals).toEqual([])
    expect(host?.operations.slice(0, 3).map(describeOperation)).toEqual([
      'on ocean: drain Node maia (its Pods leave it, and the data of their emptyDir volumes is lost)',
      left,
      'on ocean: delete what an earlier machine named maia left behind (Node, node password, etcd member)',
    ])
    // the inventory's labels come with the new Node
    expect(host?.operations.map(({ op }) => op)).not.toContain('label-node')
    expect(destructiveSteps(plan, () => true)).toContain(
      'evicts all Pods of Node maia: the data of their emptyDir volumes is lost',
    )
  })

  it('one host changes after the other', () => {
    const { view } = changed({ ...toSystemd, drain: true, more: ['luna', 'cove'] })
    const waves = makePlan(view).hosts.map(({ wave }) => wave)
    expect(new Set(waves).size).toBe(3)
  })
})

describe('a Node that an interrupted deploy has cordoned', () => {
  const stayed = { isSystemd: false, owned: ['k3s-agent'], isCordoned: true } as const
  const uncordons = (of: Changed) =>
    makePlan(changed(of).view).hosts.flatMap(({ operations }) => operationsOf(operations, 'uncordon-node'))

  it('takes Pods again where the inventory wants the kubelet that the host has', () => {
    const [operation] = uncordons(stayed)
    expect(operation && describeOperation(operation)).toBe(
      'on ocean: uncordon Node maia (a deploy that was interrupted had cordoned it)',
    )
  })

  it.each<[string, Changed]>([
    ['it is drained again', { ...stayed, isSystemd: true, drain: true }],
    ['no server runs', { ...stayed, serverRuns: false }],
    ['somebody else has cordoned it', { isSystemd: false, owned: ['k3s-agent'] }],
  ])('stays as it is if %s', (_what, of) => expect(uncordons(of)).toEqual([]))

  it('has a server asked, which could uncordon it', () => {
    const { view, cluster, changing } = changed(stayed)
    const seen = view.selected.seen.map((one) => ({
      ...one,
      facts: { ...one.facts, past: { server: false, agent: true } },
    }))
    expect(whoToAsk(cluster, changing, { seen, faults: [] }).map(({ name }) => name)).toEqual(['ocean'])
  })
})
