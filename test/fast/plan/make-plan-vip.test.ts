import { describe, expect, it } from 'vitest'
import { startScript } from '../../../src/deploy/nixos/scripts.ts'
import { clusterStateOf } from '../../../src/desired/cluster-state.ts'
import type { Cluster, Host } from '../../../src/model/cluster.ts'
import { type VipState, vipState } from '../../../src/parts/keepalived/vip-state.ts'
import { vrrpMemberOf } from '../../../src/parts/keepalived/vrrp-member.ts'
import { planHost } from '../../../src/plan/host/plan-host.ts'
import { makePlan } from '../../../src/plan/make-plan.ts'
import { unawarePeers } from '../../../src/plan/refusals/unaware-peers.ts'
import { hostRefusals } from '../../../src/plan/refusals/unfit-host.ts'
import { mustAdmit } from '../../../src/plan/view/admissions.ts'
import type { ClusterView, SelectedHost } from '../../../src/plan/view/cluster-view.ts'
import type { FilesFacts } from '../../../src/probes/facts.ts'
import { renderedOf } from '../../../src/targets/render.ts'
import type { FilesRendered } from '../../../src/targets/rendered.ts'
import { viewOf } from '../../support/samples/cluster-view.ts'
import { sampleCluster, sampleHost, sampleSurroundings } from '../../support/samples/sample-cluster.ts'
import {
  applyOperations,
  emptyFacts,
  emptySystemFacts,
  filesOf,
  sourcesOf,
} from '../../support/samples/sample-facts.ts'

const vip = { address: '10.0.0.100', manager: 'keepalived' } as const
const server = (name: string, last: number) =>
  sampleHost({ name, role: 'server', firstServer: last === 1, nodeIPs: [`10.0.0.${last}`] })
const servers = [server('a', 1), server('b', 2), server('c', 3)]
const cluster = sampleCluster([...servers, sampleHost({ name: 'agent', nodeIPs: ['10.0.0.9'] })], { vip })

function seen(
  host: Host,
  state: Partial<VipState>,
  of: Cluster = cluster,
): SelectedHost & { facts: FilesFacts; rendered: FilesRendered } {
  const rendered = filesOf(renderedOf(of, host, { ...sampleSurroundings, caCertificate: 'pem' }))
  const facts = emptyFacts(host.name, rendered.services)
  const { keepalived } = facts.parts
  if (keepalived === undefined) throw new Error('the address was not asked for')
  return {
    host,
    rendered,
    facts: { ...facts, parts: { ...facts.parts, keepalived: { ...keepalived, ...state } } },
    sources: sourcesOf({}),
  }
}

describe('servers that share an address', () => {
  it.each(['a', 'b', 'c'])('are changed one at a time, and %s, which has it, after the others', (holder) => {
    const hosts = cluster.hosts.map((host) => seen(host, { holds: host.name === holder }))
    const plan = makePlan(viewOf(cluster, hosts))
    const order = [...['a', 'b', 'c'].filter((name) => name !== holder), holder]
    expect(plan.hosts.map(({ host }) => host)).toEqual([...order, 'agent'])
    expect(plan.hosts.slice(0, 3).map(({ wave }) => wave)).toEqual([0, 1, 2])
  })

  it('come before one that is new, and after one whose machine was replaced', () => {
    const lives = (one: SelectedHost & { facts: FilesFacts; rendered: FilesRendered }) => ({
      ...one,
      facts: { ...one.facts, past: { ...one.facts.past, server: true } },
    })
    const [a, b, c] = servers
    if (a === undefined || b === undefined || c === undefined) throw new Error('no servers')
    const order = (over: Partial<ClusterView>) =>
      makePlan(viewOf(cluster, [seen(a, {}), lives(seen(b, { holds: true })), lives(seen(c, {}))], over)).hosts.map(
        ({ host }) => host,
      )
    expect(order({})).toEqual(['c', 'b', 'a'])
    // its peers know its address, and its etcd member is missing until it is back
    expect(order({ remembered: { at: b.name, members: { nodes: ['a'], passwords: [], etcd: [] } } })).toEqual([
      'a',
      'c',
      'b',
    ])
  })

  it('differ in priority by more than what a busy machine is late by, in the inventory’s order', () => {
    expect(servers.map((host) => vrrpMemberOf(clusterStateOf(cluster), host)?.priority)).toEqual([250, 150, 50])
    expect(vrrpMemberOf(clusterStateOf(cluster), server('a', 1))?.peers).toEqual(['10.0.0.2', '10.0.0.3'])
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
    expect(mustAdmit(known)).toBe(true)
    expect(mustAdmit({ ...known, facts: before.facts })).toBe(false)
  })
})

describe('a NixOS server', () => {
  const nixos = { source: { kind: 'flake', attribute: 'a' }, build: { on: 'target' } } as const
  const host = sampleHost({ name: 'a', role: 'server', firstServer: true, os: 'nixos', nixos, nodeIPs: ['10.0.0.1'] })
  const mixed = sampleCluster([host, server('b', 2)], { vip })
  const rendered = renderedOf(mixed, host, sampleSurroundings)
  const sources = { kind: 'system', tree: 'digest' } as const
  const facts = applyOperations(
    rendered,
    emptySystemFacts(host.name),
    sources,
    planHost(rendered, emptySystemFacts(host.name), sources),
  )

  it('is what it should be once it was switched', () => expect(planHost(rendered, facts, sources)).toEqual([]))

  it('has keepalived and the checker started where they do not run', () => {
    const idle = { active: 'inactive', enabled: 'enabled', needsReload: false }
    const keepalived = { ...(facts.parts.keepalived ?? expect.unreachable()), manager: idle, health: idle }
    const stopped = { ...facts, parts: { ...facts.parts, keepalived } }
    expect(planHost(rendered, stopped, sources)).toEqual([
      { op: 'run-unit', unit: 'keel-vip-health.service', by: 'start' },
      { op: 'run-unit', unit: 'keepalived.service', by: 'start' },
    ])
    expect(startScript(planHost(rendered, stopped, sources))).toContain(
      'systemctl start --no-block -- keepalived.service',
    )
  })

  it('is deployed with a new one, which it would not know otherwise', () => {
    const grown = renderedOf(sampleCluster([...mixed.hosts, server('d', 4)], { vip }), host, sampleSurroundings)
    const newcomer = server('d', 4)
    expect(unawarePeers([newcomer], [{ host, rendered: grown, facts }])).toMatchObject([
      { code: 'peers-unaware', at: 'a' },
    ])
    expect(unawarePeers([newcomer], [{ host, rendered, facts }])).toEqual([])
    expect(unawarePeers([], [{ host, rendered: grown, facts }])).toEqual([])
    const { nixos } = facts
    const never = { ...facts, nixos: { current: nixos.current, boot: nixos.boot, channels: nixos.channels } }
    expect(unawarePeers([newcomer], [{ host, rendered: grown, facts: never }])).toHaveLength(1)
  })

  it('is told of it beforehand on another system, and need not know where there is no address', () => {
    const [debian = expect.unreachable()] = servers
    const without = renderedOf(sampleCluster(mixed.hosts), host, sampleSurroundings)
    expect(unawarePeers([server('d', 4)], [seen(debian, {}), { host, rendered: without, facts }])).toEqual([])
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
    const codes = hostRefusals(seen(first, state), undefined).map((fault) => fault.code)
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
