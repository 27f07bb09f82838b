import { describe, expect, it } from 'vitest'
import { nodeMissing } from '../../../../src/plan/notes/node-missing.ts'
import { type CommonFacts, runningFacts, seenHost, viewOf } from '../../../support/samples/cluster-view.ts'
import { sampleCluster, sampleHost } from '../../../support/samples/sample-cluster.ts'

const ocean = sampleHost({ name: 'ocean', role: 'server', firstServer: true })
const maia = sampleHost({ name: 'maia', role: 'agent' })
const cluster = sampleCluster([ocean, maia])

/** The notes where maia answers this, and the cluster has these Nodes. */
function noted(nodes: readonly string[] | undefined, facts: CommonFacts = runningFacts('agent'), host = maia) {
  const seen = [seenHost(cluster, ocean, runningFacts('server')), seenHost(cluster, host, facts)]
  const remembered = nodes && { at: ocean.name, members: { nodes, passwords: [], etcd: [] } }
  return nodeMissing(viewOf(cluster, seen, remembered && { remembered }))
}

describe('a host that runs and has no Node', () => {
  it('is noted, with the command that registers it again', () => {
    expect(noted(['ocean'])).toEqual([
      {
        code: 'node-missing',
        at: 'maia',
        found: 'k3s-agent.service runs, but the cluster has no Node maia',
        why: expect.stringContaining('restored a snapshot from before it'),
        todo: '`keel exec maia -- systemctl restart k3s-agent.service`',
      },
    ])
  })

  it('may be a server', () => {
    expect(noted(['maia']).map(({ at, todo }) => `${at}: ${todo}`)).toEqual([
      'ocean: `keel exec ocean -- systemctl restart k3s.service`',
    ])
  })

  it.each<[string, Parameters<typeof noted>]>([
    ['the Node is there', [['ocean', 'maia']]],
    ['no server could tell', [undefined]],
    ['k3s does not run', [['ocean'], runningFacts('agent', { services: { active: 'inactive' } })]],
    ['it has not joined yet', [['ocean'], runningFacts('agent', { past: { server: false, agent: false } })]],
    [
      'it runs under another name: that has a note of its own',
      [
        ['ocean', 'nova'],
        runningFacts('agent', { run: { programIsNewer: false, configured: { 'node-name': ['nova'] } } }),
      ],
    ],
    [
      'it is a server without a kubelet',
      [['ocean'], runningFacts('server'), sampleHost({ name: 'reef', role: 'server', k3s: { 'disable-agent': true } })],
    ],
  ])('is not noted if %s', (_why, given) => {
    expect(noted(...given)).toEqual([])
  })
})
