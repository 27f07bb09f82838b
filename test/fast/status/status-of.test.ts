import { describe, expect, test } from 'vitest'
import { KeelError } from '../../../src/errors.ts'
import type { HostLook } from '../../../src/probes/status/host-look.ts'
import { statusOf } from '../../../src/status/cluster/status-of.ts'
import { withServices } from '../../support/samples/sample-facts.ts'
import { type Changes, certificate, seenCluster } from '../../support/samples/seen-cluster.ts'

const off = { kind: 'silent', fault: new KeelError({ code: 'ssh-timeout', at: 'x', found: 'no answer' }) } as const
const asking = { kind: 'asking' } as const
const stopped = (look: HostLook): HostLook => ({ ...look, facts: withServices(look.facts, { active: 'failed' }) })
const drifted = (look: HostLook): HostLook => ({
  ...look,
  facts: { ...look.facts, generation: { ...look.facts.generation, owned: ['/etc/old'] } },
})
const ending =
  (...days: readonly number[]) =>
  (look: HostLook): HostLook => ({ ...look, certificates: days.map((each, index) => certificate(`/c${index}`, each)) })
const member =
  (healthy: boolean | undefined) =>
  (look: HostLook): HostLook => ({ ...look, etcd: { hasData: true, ...(healthy === undefined ? {} : { healthy }) } })
const holds =
  (holdsAddress: boolean) =>
  (look: HostLook): HostLook => ({ ...look, holdsAddress })
const members = (...names: readonly string[]) => names.map((name) => ({ name, learner: false }))

test('Kubernetes is out of support', () => {
  const { level, findings } = statusOf({ ...seenCluster(), time: new Date('2027-06-29T00:00:00Z') })
  expect(findings).toEqual([
    {
      code: 'out-of-support',
      level: 'pending',
      text: 'support of Kubernetes 1.36 ended on 2027-06-28, according to this keel: install a newer keel',
    },
  ])
  expect(level).toBe('pending')
})

test('all is well', () => {
  const status = statusOf(seenCluster())
  expect(status).toMatchObject({
    cluster: 'mercury',
    level: 'well',
    time: '2026-11-29T09:00:00.000Z',
    through: 'ocean',
    vip: { address: '10.0.0.100', manager: 'kube-vip', holders: ['reef'] },
    etcd: { leader: 'ocean' },
    findings: [],
  })
  expect(status.hosts.map(({ host }) => host)).toEqual(['ocean', 'reef', 'cove', 'maia', 'luna'])
  for (const host of status.hosts)
    expect(host).toMatchObject({
      level: 'well',
      node: 'ready',
      version: 'v1.36.3+k3s1',
      pods: { running: 4, total: 4 },
      drift: { kind: 'none' },
      findings: [],
    })
  const [first, second] = status.certificates
  expect([first?.days, second?.days, status.certificates.length]).toEqual([355, 356, 10])
})

/** What is seen, and what is said about it: of which host, or of the cluster. */
const cases: readonly (readonly [string, Changes, string, string, string])[] = [
  ['a host is off', { answers: { maia: off } }, 'maia', 'unreachable', 'ssh-timeout: no answer'],
  ['a service has failed', { answers: { maia: stopped } }, 'maia', 'failing', 'unit: k3s-agent.service is failed'],
  ['a Node is not Ready', { nodes: { maia: { ready: false } } }, 'maia', 'failing', 'node: its Node is not Ready'],
  ['a host has no Node', { nodes: { maia: null } }, 'maia', 'failing', 'node: the cluster has no Node of this name'],
  [
    'another version runs',
    { nodes: { maia: { version: 'v1.33.1+k3s1' } } },
    'maia',
    'pending',
    'version: runs v1.33.1+k3s1; the inventory has v1.36.3+k3s1',
  ],
  [
    'a certificate ends soon',
    { answers: { maia: ending(29, 29, 31) } },
    'maia',
    'pending',
    'certificate: /c0 ends in 29 days (and 1 more): restart its service to renew it',
  ],
  [
    'a certificate ends tomorrow',
    { answers: { maia: ending(1.5) } },
    'maia',
    'pending',
    'certificate: /c0 ends in 1 day: restart its service to renew it',
  ],
  [
    'a certificate has ended',
    { answers: { maia: ending(-0.5) } },
    'maia',
    'failing',
    'certificate: /c0 has ended: restart its service',
  ],
  [
    'no API answers',
    { isDeaf: true },
    'cluster',
    'failing',
    "api: no server's API answers: Nodes, Pods and etcd members are unknown",
  ],
  [
    'nobody has the address',
    { answers: { reef: holds(false) } },
    'cluster',
    'failing',
    'vip: no server that answers has 10.0.0.100',
  ],
  [
    'two have the address',
    { answers: { cove: holds(true) } },
    'cluster',
    'failing',
    'vip: reef and cove have 10.0.0.100 at the same time',
  ],
  [
    'etcd is not healthy on a server',
    { answers: { cove: member(false) } },
    'cluster',
    'failing',
    'etcd: etcd on cove is not healthy',
  ],
  [
    'etcd does not answer on a server',
    { answers: { cove: member(undefined) } },
    'cluster',
    'failing',
    'etcd: etcd on cove does not answer',
  ],
  [
    'a server has data and is no member',
    { etcd: { members: members('ocean', 'reef'), leader: 'ocean' } },
    'cluster',
    'failing',
    "etcd: cove has etcd's data and is no member",
  ],
  [
    'a member is no server of the inventory',
    { etcd: { members: members('ocean', 'reef', 'cove', 'gone'), leader: 'ocean' } },
    'cluster',
    'pending',
    'etcd: etcd has a member that is no server: gone',
  ],
  [
    'a member has no vote yet',
    { etcd: { members: [...members('ocean', 'reef'), { name: 'cove', learner: true }], leader: 'ocean' } },
    'cluster',
    'pending',
    'etcd: etcd on cove has no vote yet',
  ],
  [
    'etcd has no leader',
    { etcd: { members: members('ocean', 'reef', 'cove'), leaderless: true } },
    'cluster',
    'failing',
    'etcd: etcd has no leader',
  ],
]

test.each(cases)('%s', (_what, changes, where, level, said) => {
  const status = statusOf(seenCluster(changes))
  const findings =
    where === 'cluster' ? status.findings : (status.hosts.find(({ host }) => host === where)?.findings ?? [])
  expect(findings.map(({ code, text }) => `${code}: ${text}`)).toEqual([said])
  expect([status.level, findings[0]?.level]).toEqual([level, level])
  if (where !== 'cluster') expect(status.hosts[0]?.host).toBe(where)
})

describe('drift', () => {
  test('the same operations as a plan has', () => {
    const [first] = statusOf(seenCluster({ answers: { luna: drifted } })).hosts
    expect(first).toMatchObject({
      host: 'luna',
      level: 'pending',
      drift: { kind: 'differs', changes: [{ op: 'remove-path', to: '/etc/old' }] },
      findings: [],
    })
  })

  test('of a host without sources nothing is known, and nothing is wrong', () => {
    const seen = seenCluster()
    const hosts = seen.hosts.map(({ sources: _, ...one }) => one)
    const status = statusOf({ ...seen, hosts })
    expect(status.hosts.map(({ drift }) => drift.kind)).toEqual(Array(5).fill('unknown'))
    expect(status.level).toBe('well')
  })
})

test('the worst first; equal ones in the order of the inventory', () => {
  const { hosts, level } = statusOf(
    seenCluster({ answers: { reef: drifted, maia: stopped, luna: off }, nodes: { cove: { ready: false } } }),
  )
  expect(hosts.map(({ host, level }) => `${host} ${level}`)).toEqual([
    'luna unreachable',
    'cove failing',
    'maia failing',
    'reef pending',
    'ocean well',
  ])
  expect(level).toBe('unreachable')
})

test('a host that is off keeps what the cluster says of it', () => {
  const [first] = statusOf(seenCluster({ answers: { maia: off }, nodes: { maia: { ready: false } } })).hosts
  expect(first).toMatchObject({ host: 'maia', level: 'unreachable', node: 'not-ready', drift: { kind: 'unknown' } })
})

test('cordoned is what somebody wanted', () => {
  const { hosts, level } = statusOf(seenCluster({ nodes: { maia: { cordoned: true } } }))
  expect([hosts.find(({ host }) => host === 'maia')?.node, level]).toEqual(['cordoned', 'well'])
})

test('while servers are asked, nothing is said to be wrong', () => {
  const answers = { ocean: asking, reef: asking, cove: asking }
  const status = statusOf(seenCluster({ answers, isDeaf: true }))
  expect(status.level).toBe('asking')
  expect(status.findings.map(({ code, level }) => [code, level])).toEqual([['api', 'asking']])
})

test('only some hosts are shown; the cluster is known through all servers', () => {
  const status = statusOf(seenCluster({ selected: ['maia'], answers: { cove: member(false) } }))
  expect(status.hosts.map(({ host }) => host)).toEqual(['maia'])
  expect(status.certificates.every(({ host }) => host === 'maia')).toBe(true)
  expect(status).toMatchObject({ level: 'failing', vip: { holders: ['reef'] } })
})
