import { describe, expect, it } from 'vitest'
import type { HostName } from '../../../../src/model/brands.ts'
import type { Host } from '../../../../src/model/cluster.ts'
import { mayDiffer, planNode } from '../../../../src/plan/api/plan-node.ts'
import { describeOperation } from '../../../../src/plan/describe-operation.ts'
import { planHost } from '../../../../src/plan/host/plan-host.ts'
import { makePlan } from '../../../../src/plan/make-plan.ts'
import type { Facts } from '../../../../src/probes/facts.ts'
import { nodeMarks } from '../../../../src/probes/node/node-marks.ts'
import { nodeRecords } from '../../../../src/probes/node/node-records.ts'
import { renderedOf } from '../../../../src/targets/render.ts'
import { viewOf } from '../../../support/samples/cluster-view.ts'
import { sampleCluster, sampleHost, sampleSurroundings } from '../../../support/samples/sample-cluster.ts'
import { applyOperations, emptyFacts, filesOf, sourcesOf } from '../../../support/samples/sample-facts.ts'

const ocean = 'ocean' as HostName

/** A Node as the API gives it. */
const nodeText = (labels: Record<string, string>, taints: readonly object[], annotations: Record<string, string>) =>
  JSON.stringify({ kind: 'Node', metadata: { name: 'maia', labels, annotations }, spec: { taints } })
const startedWith = (...flags: readonly string[]) => ({ 'k3s.io/node-args': JSON.stringify(['agent', ...flags]) })
const noted = (labels: readonly string[], taints: readonly string[]) => ({
  'keel.internal/node-marks': JSON.stringify({ labels, taints }),
})
const factsOf = (text: string) => {
  const node = nodeMarks.parse(text)
  return { ...emptyFacts('maia' as HostName, [{ unit: 'k3s-agent.service' }]), ...(node === undefined ? {} : { node }) }
}
/** What a server has recorded of a Node on which a host that is not to be believed has noted the same. */
const recordOf = (text: string) => {
  const owned = factsOf(text).node?.owned
  return { through: ocean, ...(owned === undefined ? {} : { owned }) }
}
const gpu = { key: 'gpu', value: 'yes', effect: 'NoSchedule' }
const theirs = { 'kubernetes.io/hostname': 'maia', 'theirs.example/x': '1' }
const notReady = { key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' }

interface Case {
  readonly labels?: Record<string, string>
  readonly taints?: readonly string[]
  readonly node: string
  readonly does: readonly [labels: readonly string[], taints: readonly string[]] | 'nothing'
}

describe("what changes on a host's Node", () => {
  it.each<[string, Case]>([
    [
      'nothing, as it registered',
      {
        labels: { tier: 'edge' },
        node: nodeText({ ...theirs, tier: 'edge' }, [notReady], startedWith('--node-label', 'tier=edge')),
        does: 'nothing',
      },
    ],
    [
      'a record of what the Node has, where nobody has recorded anything yet',
      { labels: { tier: 'edge' }, node: nodeText({ tier: 'edge' }, [], {}), does: [[], []] },
    ],
    ['nothing, where k3s does not answer', { labels: { tier: 'edge' }, node: '', does: 'nothing' }],
    ['nothing, where something else answers', { labels: { tier: 'edge' }, node: '{"kind":"Status"}', does: 'nothing' }],
    [
      'a label that is new',
      {
        labels: { tier: 'edge', empty: '' },
        node: nodeText({ ...theirs, tier: 'edge' }, [], startedWith('--node-label=tier=edge')),
        does: [['empty='], []],
      },
    ],
    [
      'a label with another value',
      {
        labels: { tier: 'core' },
        node: nodeText({ tier: 'edge' }, [], noted(['tier'], [])),
        does: [['tier=core'], []],
      },
    ],
    [
      'a label that somebody took away',
      { labels: { tier: 'edge' }, node: nodeText({}, [], noted(['tier'], [])), does: [['tier=edge'], []] },
    ],
    [
      'a label that the inventory no longer names',
      {
        node: nodeText({ ...theirs, tier: 'edge', zone: 'a' }, [], startedWith('--node-label', 'tier=edge,zone=a')),
        does: [['tier-', 'zone-'], []],
      },
    ],
    [
      "keel's own note counts more than what k3s was started with",
      {
        node: nodeText({ tier: 'by hand', later: '1' }, [], {
          ...startedWith('--node-label', 'tier=edge'),
          ...noted(['later'], []),
        }),
        does: [['later-'], []],
      },
    ],
    [
      'a note of what is right already',
      { labels: { tier: 'edge' }, node: nodeText({ tier: 'edge' }, [], noted([], [])), does: [[], []] },
    ],
    ['a note of what is gone already', { node: nodeText({}, [], noted(['tier'], ['gpu:NoSchedule'])), does: [[], []] }],
    [
      'no taint, as it registered',
      {
        taints: ['gpu=yes:NoSchedule', 'a:NoExecute'],
        node: nodeText(
          {},
          [gpu, { key: 'a', effect: 'NoExecute' }],
          startedWith('--node-taint', 'gpu=yes:NoSchedule', '--node-taint=a:NoExecute'),
        ),
        does: 'nothing',
      },
    ],
    [
      'a taint without a value is one with none',
      {
        taints: ['a=:NoExecute'],
        node: nodeText({}, [{ key: 'a', value: '', effect: 'NoExecute' }], noted([], ['a:NoExecute'])),
        does: 'nothing',
      },
    ],
    [
      'a taint that is new',
      {
        taints: ['gpu=yes:NoSchedule'],
        node: nodeText({}, [notReady], noted([], [])),
        does: [[], ['gpu=yes:NoSchedule']],
      },
    ],
    [
      'a taint with another value',
      {
        taints: ['gpu=no:NoSchedule'],
        node: nodeText({}, [gpu], noted([], ['gpu:NoSchedule'])),
        does: [[], ['gpu=no:NoSchedule']],
      },
    ],
    [
      'a taint with another effect',
      {
        taints: ['gpu=yes:NoExecute'],
        node: nodeText({}, [gpu], noted([], ['gpu:NoSchedule'])),
        does: [[], ['gpu=yes:NoExecute', 'gpu:NoSchedule-']],
      },
    ],
    ["nobody else's taint", { node: nodeText({}, [gpu, notReady], noted([], [])), does: 'nothing' }],
  ])('%s', (_what, { labels = {}, taints = [], node, does }) => {
    const operations = planNode(sampleHost({ name: 'maia', labels, taints }), factsOf(node), recordOf(node))
    if (does === 'nothing') return expect(operations).toEqual([])
    expect(operations.map((operation) => [operation.labels, operation.taints])).toEqual([does])
    expect(operations[0]).toMatchObject({
      node: 'maia',
      through: 'ocean',
      owned: { labels: Object.keys(labels).toSorted() },
    })
  })
})

describe('a host that says of its own Node what is not so', () => {
  const maia = sampleHost({ name: 'maia', labels: { tier: 'edge' } })
  const restricted = 'node-restriction.kubernetes.io/tenant'
  const quarantined = (annotations: Record<string, string>) =>
    factsOf(
      nodeText(
        { tier: 'edge', [restricted]: 'a', theirs: '1' },
        [{ key: 'quarantine', value: 'yes', effect: 'NoSchedule' }],
        annotations,
      ),
    )
  const record = { through: ocean, owned: { labels: ['tier'], taints: [] } }

  it.each<[string, Record<string, string>]>([
    ['in its annotation', noted([restricted, 'theirs', 'tier'], ['quarantine:NoSchedule'])],
    [
      'in what k3s was started with',
      startedWith('--node-label', `tier=edge,${restricted}=a`, '--node-taint', 'quarantine=yes:NoSchedule'),
    ],
    ['with keys that are none', noted(['', 'x\u001b]0;T\u0007', '__proto__'], ['', ':', 'a'])],
  ])('attack 5: has keel take off nothing that the servers have not recorded, %s', (_case, annotations) => {
    expect(planNode(maia, quarantined(annotations), record)).toEqual([])
    const { through } = record
    expect(planNode(maia, quarantined(annotations), { through })).toMatchObject([
      { labels: [], taints: [], owned: record.owned },
    ])
    expect(mayDiffer(maia, quarantined(annotations))).toBe(true)
  })

  it('attack 5: is not believed that it has what keel gave it and what it no longer is to have', () => {
    const owned = { labels: ['tier', 'old'], taints: ['quarantine:NoSchedule'] }
    const [operation] = planNode(maia, quarantined(noted(['tier'], [])), { through: ocean, owned })
    expect(operation).toMatchObject({ labels: [], taints: ['quarantine:NoSchedule-'] })
  })

  it('attack 5: a record takes no key that the inventory could not give', () => {
    const data = {
      maia: JSON.stringify({
        labels: ['tier', '', restricted, 'kubernetes.io/role', 'a/b/c', '\u001b'],
        taints: [
          'gpu:NoSchedule',
          ':',
          'x:Evict',
          'node.kubernetes.io/not-ready:NoExecute',
          'node-restriction.kubernetes.io/x:NoSchedule',
        ],
      }),
      nova: 'broken by hand',
    }
    const read = (fields: object) => nodeRecords(JSON.stringify({ kind: 'ConfigMap', ...fields }))
    expect(read({ data })).toEqual({ maia: { labels: ['tier'], taints: ['gpu:NoSchedule'] } })
    expect([read({}), nodeRecords(undefined), nodeRecords('{"kind":"Status"}')]).toEqual([{}, {}, {}])
  })
})

it('reads as a line of the plan', () => {
  const maia = sampleHost({ name: 'maia', labels: { tier: 'edge' }, taints: ['gpu:NoSchedule'] })
  const line = (node: string) => planNode(maia, factsOf(node), recordOf(node)).map(describeOperation)
  expect(line(nodeText({ old: '1' }, [], noted(['old'], [])))).toEqual([
    'on ocean: Node maia: label tier=edge old-, taint gpu:NoSchedule',
  ])
  expect(line(nodeText({ tier: 'edge' }, [{ key: 'gpu', effect: 'NoSchedule' }], noted([], [])))).toEqual([
    'on ocean: Node maia: record which labels and taints come from the inventory',
  ])
})

describe.each(['debian', 'flatcar'] as const)('a label that changes on %s', (os) => {
  const sources = sourcesOf({ 'k3s-server-token': 's1', 'k3s-agent-token': 'a1' })
  const rendered = (labels: Host['labels']) => {
    const host = sampleHost({ name: 'maia', os, labels })
    return { host, wanted: renderedOf(sampleCluster([host]), host, sampleSurroundings) }
  }
  const registration = '/etc/rancher/k3s/config.yaml.d/20-keel-registration.yaml'
  const converged = (labels: Host['labels']) => {
    const { wanted } = rendered(labels)
    const facts = emptyFacts(wanted.host, wanted.services)
    const after = applyOperations(wanted, facts, sources, planHost(wanted, facts, sources))
    return { ...after, generation: { ...after.generation, owned: filesOf(wanted).files.map(({ path }) => path) } }
  }

  it.each<[string, Host['labels'], Host['labels'], object]>([
    ['another value', { tier: 'edge' }, { tier: 'core' }, { op: 'write-file', path: registration, why: 'content' }],
    ['the first', {}, { tier: 'core' }, { op: 'write-file', path: registration, why: 'missing' }],
    ['the last', { tier: 'edge' }, {}, { op: 'remove-path', path: registration }],
  ])('restarts nothing: %s', (_what, before, after, operation) => {
    const { wanted } = rendered(after)
    expect(planHost(wanted, converged(before), sources)).toEqual([operation])
  })

  it('reaches the Node before the file that says what it was', () => {
    const { host, wanted } = rendered({ tier: 'core' })
    const facts = {
      ...converged({ tier: 'edge' }),
      ...factsOf(nodeText({ tier: 'edge' }, [], noted(['tier'], []))),
      paths: converged({ tier: 'edge' }).paths,
    }
    const server = sampleHost({ name: ocean, role: 'server', firstServer: true })
    const asked = (records: Facts['records']) => ({
      host: server,
      rendered: wanted,
      facts: { ...emptyFacts(server.name), ...(records === undefined ? {} : { records }) },
    })
    const plan = (records: Facts['records']) => {
      const others = { seen: [asked(records)], faults: [] }
      const view = viewOf(sampleCluster([server, host]), [{ host, rendered: wanted, facts, sources }], { others })
      return makePlan(view).hosts[0]?.operations.map(({ op }) => op)
    }
    expect(plan({ maia: { labels: ['tier'], taints: [] } })?.[0]).toBe('label-node')
    expect(plan(undefined)).not.toContain('label-node')
  })
})
