import { expect, it } from 'vitest'
import { clusterMembers, clusterNames } from '../../../src/probes/cluster/cluster-members.ts'
import { alsoFound, clusterObjects } from '../../../src/probes/cluster/cluster-objects.ts'
import { nodeMarks, taintsById } from '../../../src/probes/node/node-marks.ts'
import { nodeRecords } from '../../../src/probes/node/node-records.ts'
import { nodeStatus } from '../../../src/probes/node/node-status.ts'
import { runningNode } from '../../../src/probes/node/running-node.ts'
import { reads } from '../../support/reads.ts'

const members = { nodes: ['ocean', 'maia'], passwords: ['luna'], etcd: ['ocean'] }
reads('who is in the cluster', clusterMembers.parse, [
  ['by what knows them', 'node\tocean\nnode\tmaia\npassword\tluna\netcd\tocean\nnode\n', members],
])
reads('names in the cluster', clusterNames.parse, [
  ['asked', 'asked\nnode\tocean\n', { nodes: ['ocean'], passwords: [], etcd: [] }],
  ['not asked', 'node\tocean\n', undefined],
  ['asked, as part of another word', 'asked twice\n', undefined],
])

const object = (kind: string, more: object = {}) => ({ kind, metadata: { name: 'a', ...more } })
const list = (...items: readonly object[]) => JSON.stringify({ kind: 'List', items })
const role = { kind: 'ClusterRole', name: 'a', labels: {}, fields: {} }
reads('keel’s objects in the API', clusterObjects.parse, [
  ['none', `${list()}\n\n`, []],
  ['no answer', '\n', undefined],
  ['half an answer', list(), undefined],
  ['an answer that is no JSON', `${list()}\n{\n`, undefined],
  [
    'an own one that is named, too: once',
    `${list(object('ClusterRole'))}\n${JSON.stringify(object('ClusterRole'))}\n`,
    [role],
  ],
  ['of a kind that keel has none of', `${list()}\n${list(object('Node'), object('ClusterRole'))}\n`, [role]],
  [
    'with all that keel compares',
    `${list({ apiVersion: 'v1', status: {}, rules: [1], ...object('Role', { namespace: 'b', labels: { c: 'd' }, uid: 'e' }) })}\n\n`,
    [{ kind: 'Role', name: 'a', namespace: 'b', labels: { c: 'd' }, fields: { rules: [1] } }],
  ],
])
it('beside them the API tells of others', () => {
  expect([...alsoFound(`${list()}\n${list(object('Node'))}`)]).toEqual([['Node/a', JSON.stringify(object('Node'))]])
  expect([...alsoFound(`${list()}\n{`)]).toEqual([])
})

const node = (more: object) => JSON.stringify({ kind: 'Node', metadata: {}, spec: {}, status: {}, ...more })
const started = (...words: readonly string[]) => ({ annotations: { 'k3s.io/node-args': JSON.stringify(words) } })
const taints = [
  { key: 'a', value: 'b', effect: 'NoSchedule' },
  { key: 'c', effect: 'NoExecute' },
]

reads('the marks of a Node', nodeMarks.parse, [
  ['no Node', '', undefined],
  ['something else', JSON.stringify(object('Pod')), undefined],
  ['none', node({}), { labels: {}, taints: {} }],
  [
    'labels and taints',
    node({ metadata: { labels: { l: 'm' } }, spec: { taints } }),
    { labels: { l: 'm' }, taints: { 'a:NoSchedule': 'a=b:NoSchedule', 'c:NoExecute': 'c:NoExecute' } },
  ],
  [
    'that k3s was started with',
    node({
      metadata: started(
        'agent',
        '--node-label',
        'l=m,n=o',
        '--node-label=p=q',
        '--node-taint',
        'a=b:NoSchedule',
        '--node-label',
      ),
    }),
    { labels: {}, taints: {}, owned: { labels: ['l', 'n', 'p'], taints: ['a:NoSchedule'] } },
  ],
  [
    'that keel noted, whatever k3s was started with',
    node({
      metadata: {
        annotations: {
          ...started('--node-label=l=m').annotations,
          'keel.internal/node-marks': JSON.stringify({ labels: ['x'], taints: [] }),
        },
      },
    }),
    { labels: {}, taints: {}, owned: { labels: ['x'], taints: [] } },
  ],
])
it('of two taints with one key and effect the last one counts', () => {
  expect(taintsById(['a=b:NoSchedule', 'a:NoSchedule', 'c=:NoExecute'])).toEqual({
    'a:NoSchedule': 'a:NoSchedule',
    'c:NoExecute': 'c:NoExecute',
  })
})

const records = (data: object) => JSON.stringify({ kind: 'ConfigMap', data })
reads('keel’s records of Nodes', nodeRecords as (stdout: string) => unknown, [
  ['none', '', {}],
  ['an empty ConfigMap', JSON.stringify({ kind: 'ConfigMap' }), {}],
  ['something else', JSON.stringify({ kind: 'Secret', data: { maia: '{"labels":[],"taints":[]}' } }), {}],
  [
    'what keel could have given, and no more',
    records({
      maia: JSON.stringify({
        labels: ['example.com/a', 'kubernetes.io/hostname'],
        taints: ['a:NoSchedule', 'node.kubernetes.io/not-ready:NoExecute'],
      }),
      luna: 'no JSON',
      reef: '{"labels":1}',
    }),
    { maia: { labels: ['example.com/a'], taints: ['a:NoSchedule'] } },
  ],
])

const addresses = [
  { type: 'Hostname', address: 'maia' },
  { type: 'InternalIP', address: '10.0.0.1' },
]
reads('a Node’s status', nodeStatus, [
  ['no Node', '{}', undefined],
  [
    'of one that has none yet',
    JSON.stringify({ kind: 'Node', metadata: {} }),
    { kubeletVersion: '', podCIDRs: [], addresses: [] },
  ],
  [
    'with what k3s was started with',
    node({
      metadata: started('--node-ip=a'),
      spec: { podCIDRs: ['b'] },
      status: { nodeInfo: { kubeletVersion: 'v1' }, addresses },
    }),
    { kubeletVersion: 'v1', podCIDRs: ['b'], addresses: ['10.0.0.1'], startedWith: { 'node-ip': ['a'] } },
  ],
])

reads('a Node of a running cluster', runningNode, [
  ['no Node', 'x', undefined],
  ['that tells nothing', node({}), { flags: new Map(), labels: {}, taints: [], addresses: [] }],
  [
    'with its flags',
    node({
      metadata: {
        labels: { l: 'm' },
        ...started('server', '--tls-san', 'a', '--tls-san=b', '--disable-agent', '--docker=false', '--debug'),
      },
      spec: { taints },
      status: { addresses },
    }),
    {
      flags: new Map([
        ['tls-san', ['a', 'b']],
        ['disable-agent', ['true']],
        ['docker', ['false']],
        ['debug', ['true']],
      ]),
      labels: { l: 'm' },
      taints: ['a=b:NoSchedule', 'c:NoExecute'],
      addresses: ['10.0.0.1'],
    },
  ],
])
