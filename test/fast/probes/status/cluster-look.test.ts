import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { HostName } from '../../../../src/model/brands.ts'
import type { Access } from '../../../../src/model/distribution/access.ts'
import { clusterLook, clusterLookScript } from '../../../../src/probes/status/cluster-look.ts'
import { parseClusterLook } from '../../../../src/probes/status/host-look.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'keel-look-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const node = (name: string, ready = 'True', unschedulable = '') =>
  `Node\t\t\t${ready}\tv1.36.3+k3s1\t${unschedulable}\t${name}`
const pod = (on: string, name: string, phase = 'Running', ready = 'True') =>
  `Pod\t${on}\t${phase}\t${ready}\t\t\t${name}`
const members = {
  header: { cluster_id: '1' },
  members: [{ ID: '10', name: 'ocean-0123abcd' }, { ID: '11', name: 'reef-0123abcd', isLearner: true }, { ID: '12' }],
}

/** A server with a kubectl that prints this. */
function access(lines: readonly string[], etcd: { members?: string; status?: string } = {}): Access {
  const at = (name: string) => join(directory, name)
  mkdirSync(at('etcd'))
  writeFileSync(at('admin'), '')
  writeFileSync(at('objects'), `${lines.join('\n')}\n`)
  writeFileSync(at('members'), etcd.members ?? '')
  writeFileSync(at('status'), etcd.status ?? '')
  writeFileSync(
    at('kubectl'),
    `#!/bin/bash\ncase "$*" in *member/list*) cat ${at('members')} ;; *maintenance/status*) cat ${at('status')} ;; *) cat ${at('objects')} ;; esac\n`,
  )
  chmodSync(at('kubectl'), 0o755)
  const key = at('admin')
  return {
    kubectl: [at('kubectl')],
    admin: at('admin'),
    node: key,
    kubelet: { certificate: '', key: '', ca: '' },
    hidden: [],
    clientCa: { certificate: '', key: '' },
    ca: key,
    // no port: what asks it is replaced
    etcd: {
      data: at('etcd'),
      ca: key,
      certificate: key,
      key,
      health: { host: '127.0.0.1', port: '1' },
      memberSuffix: '-[0-9a-f]{8}',
      gateways: ['x:1'],
    },
  }
}

/** No test opens a port: the gateway counts as there, and etcd's metrics are these. */
const asked = (given: Access, metrics = '') => {
  const script = clusterLook
    .script(given)
    .replace(/^etcd_listens\(\).*$/m, 'etcd_listens() { true; }')
    .replace(/^etcd_plain\(\).*$/m, `etcd_plain() { printf '${metrics}'; }`)
  return execFileSync('bash', ['-c', script], { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } })
}

test('Nodes, Pods counted by Node, members and leader', () => {
  const given = access(
    [
      node('ocean'),
      node('maia', 'Unknown', 'true'),
      pod('ocean', 'a'),
      pod('ocean', 'b'),
      pod('ocean', 'c', 'Running', 'False'),
      pod('ocean', 'd', 'Succeeded', 'False'),
      pod('', 'e', 'Pending', ''),
    ],
    { members: JSON.stringify(members, null, 1), status: JSON.stringify({ leader: '10' }) },
  )
  expect(clusterLook.parse(asked(given))).toEqual({
    nodes: [
      { name: 'ocean', ready: true, version: 'v1.36.3+k3s1', cordoned: false },
      { name: 'maia', ready: false, version: 'v1.36.3+k3s1', cordoned: true },
    ],
    pods: [
      { node: '', running: 0, total: 1 },
      { node: 'ocean', running: 2, total: 3 },
    ],
    etcd: {
      members: [
        { name: 'ocean', learner: false },
        { name: 'reef', learner: true },
        { name: '', learner: false },
      ],
      leader: 'ocean',
    },
  })
})

test('a hundred thousand Pods are a few lines', () => {
  const many = Array.from({ length: 100_000 }, (_, index) => pod(`n${index % 10}`, `pod-${index}`))
  const said = asked(access(many))
  expect(said.length).toBeLessThan(1000)
  expect(clusterLook.parse(said)?.pods).toHaveLength(10)
  expect(clusterLook.parse(said)?.pods[0]).toEqual({ node: 'n0', running: 10_000, total: 10_000 })
})

test.each([
  ['no leader', JSON.stringify({ header: {} }), { leaderless: true }],
  ['a leader that is no member', JSON.stringify({ leader: '99' }), { leaderless: true }],
  ['no answer about it', '', {}],
])('etcd with %s', (_what, status, expected) => {
  const look = clusterLook.parse(asked(access([node('ocean')], { members: JSON.stringify(members), status })))
  expect(look?.etcd).toEqual({ members: expect.any(Array), ...expected })
})

test.each([
  ['leads itself', '1', 'reef'],
  ['follows', '0', 'ocean'],
])('etcd on the server that is asked %s, according to its metrics', (_what, isLeader, leader) => {
  const metrics = `# TYPE etcd_server_is_leader gauge\\netcd_server_is_leader ${isLeader}\\netcd_server_is_learner 0\\n`
  const given = access([node('ocean')], {
    members: JSON.stringify({ ...members, header: { member_id: '11' } }),
    status: JSON.stringify({ leader: '10' }),
  })
  expect(clusterLook.parse(asked(given, metrics))?.etcd?.leader).toBe(leader)
})

test('where kubectl fails, the host tells nothing of the cluster', () => {
  const given = access([node('ocean')])
  writeFileSync(join(directory, 'kubectl'), '#!/bin/bash\nexit 1\n')
  expect(clusterLook.parse(asked(given))).toBeUndefined()
  expect(clusterLook.parse('')).toBeUndefined()
})

test('the same alone: a section that is found again', () => {
  const text = execFileSync('bash', ['-c', clusterLookScript(access([node('ocean')]))], { encoding: 'utf8' })
  expect(parseClusterLook('ocean' as HostName, text)?.nodes).toHaveLength(1)
})

describe('attack 5: a server that prints what no cluster has', () => {
  const parse = (...lines: readonly string[]) =>
    parseClusterLook('ocean' as HostName, `\u0001probe cluster-look\nasked\n${lines.join('\n')}\n`)

  test.each([
    ['a control character in a name', `1\t${node('a\u001b[2J')}`],
    ['a version that is none', `1\tNode\t\t\tTrue\tv1 <b>\t\ta`],
    ['a count that is none', '1e999\tPod\ta\tRunning\tTrue'],
    ['a count that is no number', 'x\tPod\ta\tRunning\tTrue'],
    ['a member with an odd name', `members\t${JSON.stringify({ members: [{ ID: '1', name: '<b>' }] })}`],
  ])('%s', (_what, line) => {
    expect(() => parse(line)).toThrow(expect.objectContaining({ code: 'facts-garbled', exit: 1 }))
  })

  test('members that are no JSON are none', () => {
    expect(parse('members\t{"members": [')?.etcd).toBeUndefined()
  })
})
