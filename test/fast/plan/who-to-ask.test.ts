import { describe, expect, it } from 'vitest'
import type { K3sVersion } from '../../../src/model/brands.ts'
import type { Host } from '../../../src/model/cluster.ts'
import { whoToAsk } from '../../../src/plan/who-to-ask.ts'
import { type CommonFacts, runningFacts, seenHost, silent } from '../../support/samples/cluster-view.ts'
import { sampleCluster, sampleHost, sampleK3s } from '../../support/samples/sample-cluster.ts'

const firewall = { api: [] }
const server = (name: string) => sampleHost({ name, role: 'server', firstServer: name === 'ocean', firewall })
const [ocean, reef] = [server('ocean'), server('reef')]
const { hostKey: _, ...notEnrolled } = sampleHost({ name: 'dune', firewall })
const maia = sampleHost({ name: 'maia', firewall, labels: { tier: 'edge' } })
const luna = sampleHost({ name: 'luna', firewall })
const open = sampleHost({ name: 'open' })
const hosts: readonly Host[] = [ocean, reef, maia, luna, open, notEnrolled]
const cluster = sampleCluster(hosts)

const labelled = { node: { labels: { tier: 'edge' }, taints: {} } }
const relabelled = { node: { labels: { tier: 'core' }, taints: {}, owned: { labels: ['tier'], taints: [] } } }
const up = (over: CommonFacts = {}) => runningFacts('agent', over)

describe('the hosts out of a deploy that are asked, too', () => {
  it.each<
    [
      what: string,
      selected: readonly Host[],
      facts: Readonly<Record<string, CommonFacts | 'off'>>,
      asked: readonly string[],
    ]
  >([
    ['nobody, where an agent is as it was', [maia], { maia: up(labelled) }, []],
    ['nobody, where an agent says nothing of its Node', [maia], { maia: up() }, []],
    ['servers and all with a firewall, where an agent is new', [maia], { maia: {} }, ['ocean', 'reef', 'luna']],
    [
      'those that are not selected, where a server is new',
      [ocean, reef],
      { ocean: runningFacts('server'), reef: {} },
      ['maia', 'luna'],
    ],
    ['servers, where labels differ', [maia], { maia: up(relabelled) }, ['ocean', 'reef']],
    [
      'nobody, where labels differ and a selected server has the record',
      [ocean, maia],
      { ocean: runningFacts('server', { records: {} }), maia: up(relabelled) },
      [],
    ],
    [
      'servers, where labels differ and the selected one has no record',
      [ocean, maia],
      { ocean: runningFacts('server'), maia: up(relabelled) },
      ['reef'],
    ],
    ['an agent’s record is none', [maia], { maia: up({ ...relabelled, records: {} }) }, ['ocean', 'reef']],
    ['the other servers, where one does not answer', [ocean, maia], { ocean: 'off', maia: up(labelled) }, ['reef']],
    [
      'servers, where a deploy was interrupted before it could record an agent’s labels',
      [maia],
      { maia: up({ ...labelled, generation: { owned: [], restartPending: false, unconfirmed: true } }) },
      ['ocean', 'reef'],
    ],
    ['nobody, where an agent does not answer', [maia, luna], { maia: 'off', luna: up() }, []],
  ])('%s', (_what, selected, facts, asked) => {
    const answers = {
      seen: selected.flatMap((host) => {
        const said = facts[host.name]
        return said === undefined || said === 'off' ? [] : [seenHost(cluster, host, said)]
      }),
      faults: selected.filter(({ name }) => facts[name] === 'off').map(silent),
    }
    expect(whoToAsk(cluster, selected, answers).map(({ name }) => name)).toEqual(asked)
  })

  it.each([
    ['v1.36.9+k3s1', []],
    ['v1.37.0+k3s1', ['ocean', 'reef']],
  ])('for version %s: %j', (version, asked) => {
    const upgraded = sampleCluster(hosts, { distribution: sampleK3s({ version: version as K3sVersion }) })
    const answers = { seen: [seenHost(upgraded, maia, up(labelled))], faults: [] }
    expect(whoToAsk(upgraded, [maia], answers).map(({ name }) => name)).toEqual(asked)
  })
})
