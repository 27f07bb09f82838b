import { describe, expect, it } from 'vitest'
import { admissionsOf } from '../../../src/deploy/admissions.ts'
import { targetOf } from '../../../src/deploy/survey.ts'
import { hostStateOf } from '../../../src/desired/host-state-of.ts'
import { vrrpMemberOf } from '../../../src/desired/vip.ts'
import type { Cluster, Host } from '../../../src/model/cluster.ts'
import { makePlan, type Seen } from '../../../src/plan/make-plan.ts'
import { hostRefusals } from '../../../src/plan/refusals.ts'
import type { Facts } from '../../../src/probes/facts.ts'
import { type VipState, vipState } from '../../../src/probes/vip.ts'
import { renderHost } from '../../../src/targets/render.ts'
import { sampleCluster, sampleHost, sampleSurroundings } from '../../support/sample-cluster.ts'
import { emptyFacts } from '../../support/sample-facts.ts'

const vip = { address: '10.0.0.100', manager: 'keepalived' } as const
const server = (name: string, last: number) =>
  sampleHost({ name, role: 'server', firstServer: last === 1, nodeIPs: [`10.0.0.${last}`] })
const servers = [server('a', 1), server('b', 2), server('c', 3)]
const cluster = sampleCluster([...servers, sampleHost({ name: 'agent', nodeIPs: ['10.0.0.9'] })], { vip })

function seen(host: Host, state: Partial<VipState>, of: Cluster = cluster): Seen & { facts: Facts } {
  const rendered = renderHost(hostStateOf(of, host, { ...sampleSurroundings, caCertificate: 'pem' }))
  const facts = emptyFacts(host.name)
  if (facts.vip === undefined) throw new Error('the address was not asked for')
  return { host, rendered, facts: { ...facts, vip: { ...facts.vip, ...state } }, sources: {} }
}

describe('servers that share an address', () => {
  it.each(['a', 'b', 'c'])('are changed one at a time, and %s, which has it, after the others', (holder) => {
    const plan = makePlan(
      cluster,
      cluster.hosts.map((host) => seen(host, { holds: host.name === holder })),
      undefined,
    )
    const waves = plan.hosts.map(({ host, wave }) => [host, wave] as const)
    expect(waves.map(([host]) => host)).toEqual([...['a', 'b', 'c'].filter((name) => name !== holder), holder, 'agent'])
    expect(new Set(waves.map(([, wave]) => wave)).size).toBe(4)
  })

  it('differ in priority by more than what a busy machine is late by, in the inventory’s order', () => {
    expect(servers.map((host) => vrrpMemberOf(cluster, host)?.priority)).toEqual([250, 150, 50])
    expect(vrrpMemberOf(cluster, server('a', 1))?.peers).toEqual(['10.0.0.2', '10.0.0.3'])
  })

  it('know a new one before it comes, as it would hear nobody and take the address, too', () => {
    const grown = sampleCluster([...cluster.hosts, server('d', 4)], { vip })
    const [first] = servers
    if (first === undefined) throw new Error('no server')
    const before = seen(first, {})
    const files = Object.fromEntries(
      before.rendered.files.map(({ path }) => [
        path,
        { kind: 'file', mode: '0644', owner: 'root', group: 'root', sha256: '0' } as const,
      ]),
    )
    const known = { ...seen(first, {}, grown), facts: { ...before.facts, paths: files } }
    const transport = {
      target: targetOf(first),
      run: () => Promise.reject(new Error('asks nothing')),
      close: async () => undefined,
    }
    expect(admissionsOf([{ ...known, transport }])).toHaveLength(1)
    expect(admissionsOf([{ ...known, facts: before.facts, transport }])).toEqual([])
  })
})

describe('a server that can’t have it', () => {
  const rows: readonly (readonly [string, Partial<VipState>, string | undefined])[] = [
    ['without keepalived', { missing: ['keepalived'] }, 'no-keepalived'],
    ['fit for it', {}, undefined],
  ]
  it.each(rows)('%s', (_what, state, code) => {
    const [first] = servers
    if (first === undefined) throw new Error('no server')
    const codes = hostRefusals(first, seen(first, state).facts, undefined).map((fault) => fault.code)
    expect(codes).toEqual(code === undefined ? [] : [code])
  })
})

describe('what a server says of the address', () => {
  it('is read as it is printed', () => {
    const state = vipState.parse(`holds=yes
interface=eth0
fit=no
reason=readyz answers 500
change=1795272456 FAULT
change=1795272471 unfit: readyz answers 500
manager.ActiveState=active
health.UnitFileState=enabled`)
    expect(state).toMatchObject({
      holds: true,
      interface: 'eth0',
      fit: false,
      reason: 'readyz answers 500',
      loaded: false,
      missing: [],
    })
    expect(state.changes.at(-1)).toEqual({ at: 1795272471, what: 'unfit: readyz answers 500' })
    expect([state.manager.active, state.health.enabled]).toEqual(['active', 'enabled'])
  })
})
