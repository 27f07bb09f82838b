import { describe, expect, it } from 'vitest'
import type { Host } from '../../../../src/model/cluster.ts'
import { makePlan } from '../../../../src/plan/make-plan.ts'
import { nodeAddressFault } from '../../../../src/plan/refusals/node-address.ts'
import { renderedOf } from '../../../../src/targets/render.ts'
import { type CommonFacts, viewOf } from '../../../support/samples/cluster-view.ts'
import { sampleCluster, sampleHost, sampleSurroundings } from '../../../support/samples/sample-cluster.ts'
import { emptyFacts, sourcesOf, withServices } from '../../../support/samples/sample-facts.ts'

const ssh = { user: 'root', host: '10.77.0.13', port: 22 }
const guarded = { api: [] }

function inventory(over: Partial<Omit<Host, 'name'>> = {}, others: Partial<Omit<Host, 'name'>> = {}) {
  const host = sampleHost({ name: 'maia', address: ssh, firewall: guarded, ...over })
  const first = sampleHost({
    name: 'ocean',
    role: 'server',
    firstServer: true,
    nodeIPs: ['10.77.0.11'],
    firewall: guarded,
    ...others,
  })
  return { host, cluster: sampleCluster([first, host]) }
}

describe('the addresses that a Node took, against those that the firewalls let in', () => {
  it.each<[what: string, over: Partial<Omit<Host, 'name'>>, held: readonly string[], todo: RegExp]>([
    [
      'the default route goes elsewhere',
      {},
      ['192.168.50.2'],
      /nodeIP: '10\.77\.0\.13'` if .* else `nodeIP: '192\.168\.50\.2'/,
    ],
    [
      'on a server, whose etcd member has it',
      { role: 'server' },
      ['192.168.50.2'],
      /^set nodeIP in hosts\/maia: `nodeIP: '192\.168\.50\.2'`; then/,
    ],
    [
      'a second address of the other IP version',
      {},
      ['10.77.0.13', 'fd00::13'],
      /else `nodeIP: \['10\.77\.0\.13', 'fd00::13'\]`/,
    ],
    ['IPv6 alone, SSH by IPv4', {}, ['fd00::13'], /else `nodeIP: 'fd00::13'`/],
    ['the interface that is named', { network: { interface: 'wg0' } }, ['100.64.0.5'], /nodeIP/],
    ['another one than nodeIP says', { nodeIPs: ['10.77.0.13'] }, ['192.168.50.2'], /nothing else sets node-ip/],
    ['one of two', { nodeIPs: ['10.77.0.13', 'fd00::13'] }, ['10.77.0.13'], /10\.77\.0\.13 and fd00::13/],
  ])('%s: a fault that asks for nodeIP', (_what, over, held, todo) => {
    const { host, cluster } = inventory(over)
    expect(nodeAddressFault(cluster, host, held)).toMatchObject({
      code: 'node-address',
      at: 'maia',
      todo: expect.stringMatching(todo),
    })
  })

  it.each<
    [what: string, over: Partial<Omit<Host, 'name'>>, held: readonly string[], others?: Partial<Omit<Host, 'name'>>]
  >([
    ['the one that SSH uses', {}, ['10.77.0.13']],
    [
      'both of nodeIP, in any order and spelling',
      { nodeIPs: ['10.77.0.13', 'fd00::13'] },
      ['fd00:0:0::0013', '10.77.0.13'],
    ],
    ['a Node that does not say', {}, []],
    ['a host that says what is no address', {}, ['\u001b]0;x\u0007', '999.1.1.1']],
    ['no host with a firewall', { firewall: false }, ['192.168.50.2'], { firewall: false }],
  ])('%s: none', (_what, over, held, others) => {
    const { host, cluster } = inventory(over, others)
    expect(nodeAddressFault(cluster, host, held)).toBeUndefined()
  })

  it('alone it has nobody to let in', () => {
    const host = sampleHost({ name: 'maia', address: ssh, firewall: guarded, role: 'server' })
    expect(nodeAddressFault(sampleCluster([host]), host, ['192.168.50.2'])).toBeUndefined()
  })
})

describe('a plan', () => {
  const status = { kubeletVersion: 'v1.36.3+k3s1', podCIDRs: [], addresses: ['192.168.50.2'] }
  const planned = (over: Partial<Omit<Host, 'name'>>, { services = {}, ...facts }: CommonFacts) => {
    const { host, cluster } = inventory(over)
    const rendered = renderedOf(cluster, host, sampleSurroundings)
    const empty = withServices(emptyFacts(host.name, rendered.services), services)
    const seen = { host, rendered, facts: { ...empty, ...facts }, sources: sourcesOf({ 'k3s-agent-token': 'a' }) }
    return makePlan(viewOf(cluster, [seen])).refusals.map(({ code, found }) => `${code}: ${found}`)
  }
  const runs: CommonFacts = {
    status,
    past: { server: false, agent: true },
    services: { active: 'active', enabled: 'enabled' },
  }
  const differs = expect.stringMatching(
    /^node-address: its Node has the address 192\.168\.50\.2, .* accept 10\.77\.0\.13$/,
  )

  it('refuses it where nothing is due that would change it', () => {
    expect(planned({}, runs)).toEqual([differs])
  })

  it('does not, where the restart that gives it nodeIP is due: the deploy looks again', () => {
    expect(planned({ nodeIPs: ['10.77.0.13'] }, runs)).toEqual([])
    expect(planned({}, { ...runs, generation: { owned: [], restartPending: true, unconfirmed: true } })).toEqual([
      differs,
    ])
  })

  it.each<[what: string, over: Partial<Omit<Host, 'name'>>, firewall: object, refused: readonly unknown[]]>([
    [
      'the default route goes out elsewhere',
      {},
      { addresses: ['10.77.0.13', '192.168.50.2'], ofDefaultRoute: '192.168.50.2' },
      [expect.stringMatching(/^node-address: no nodeIP; SSH reaches the host at 10\.77\.0\.13/)],
    ],
    [
      'nodeIP says it',
      { nodeIPs: ['10.77.0.13'] },
      { addresses: ['10.77.0.13', '192.168.50.2'], ofDefaultRoute: '192.168.50.2' },
      [],
    ],
    [
      'the interface says it',
      { network: { interface: 'eth0' } },
      { addresses: ['10.77.0.13', '192.168.50.2'], ofDefaultRoute: '192.168.50.2' },
      [],
    ],
    ['it is the same', {}, { addresses: ['10.77.0.13', '192.168.50.2'], ofDefaultRoute: '10.77.0.13' }, []],
    ['no default route', {}, { addresses: ['10.77.0.13'] }, []],
  ])('of a host without a Node yet asks for nodeIP before anything is pushed: %s', (_what, over, firewall, refused) => {
    const before = emptyFacts(sampleHost({ name: 'maia' }).name).parts.firewall
    if (before === undefined) throw new Error('no firewall')
    expect(planned(over, { parts: { firewall: { ...before, ...firewall } } })).toEqual(refused)
  })
})
