import { describe, expect, it } from 'vitest'
import type { Role } from '../../../src/model/cluster.ts'
import { destructiveSteps } from '../../../src/plan/destructive.ts'
import type { ObjectOperation } from '../../../src/plan/object-operation.ts'
import type { Operation } from '../../../src/plan/operation.ts'
import type { HostPlan } from '../../../src/plan/plan.ts'
import { sampleHost } from '../../support/samples/sample-cluster.ts'

const host = (name: string, role: Role, ...operations: readonly Operation[]): HostPlan => ({
  host: sampleHost({ name }).name,
  role,
  wave: 0,
  operations,
})
const steps = (hosts: readonly HostPlan[], runs = true, objects: readonly ObjectOperation[] = []) =>
  destructiveSteps({ hosts, objects: { operations: objects }, refusals: [], notes: [] }, () => runs)
const restart = (when: 'always' | 'value-changed', unit = 'k3s.service'): Operation => ({
  op: 'restart-unit',
  unit,
  when,
  why: 'x',
})
const forget: Operation = { op: 'forget-node', node: 'luna', through: 'ocean' }
const unit = (name: string): Operation => ({ op: 'remove-unit', unit: name, path: `/etc/systemd/system/${name}` })
const system: Operation = { op: 'switch-system', why: 'x', secrets: [], diff: [] }

describe('a deploy asks before it', () => {
  it.each<[string, readonly string[]]>([
    ['deletes Node luna, its node password and etcd member', steps([host('luna', 'agent', forget)], false)],
    [
      'restarts k3s on ocean, maia',
      steps([host('ocean', 'server', restart('always')), host('maia', 'server', restart('always'))]),
    ],
    ['may restart k3s on ocean', steps([host('ocean', 'server', restart('value-changed'))])],
    ['may restart Kubernetes on ocean (a new system)', steps([host('ocean', 'server', system)])],
    [
      'deletes /var/lib/x/ and all that is in it on maia',
      steps([host('maia', 'agent', { op: 'remove-directory', path: '/var/lib/x' })], false),
    ],
    ['stops and removes k3s.service on ocean', steps([host('ocean', 'agent', unit('k3s.service'))], false)],
    ['stops and removes k3s-agent.service on maia', steps([host('maia', 'server', unit('k3s-agent.service'))], false)],
    [
      'deletes Namespace n and all that is in it',
      steps([], true, [{ op: 'remove-object', kind: 'Namespace', name: 'n' }]),
    ],
  ])('%s', (text, found) => expect(found).toEqual([text]))
})

describe('a deploy does not ask before it', () => {
  it.each<[string, readonly string[]]>([
    ['restarts an agent', steps([host('maia', 'agent', restart('always', 'k3s-agent.service'))])],
    ['starts a new server', steps([host('ocean', 'server', { op: 'start-unit', unit: 'k3s.service' })], false)],
    ['installs a system on a server where nothing runs', steps([host('ocean', 'server', system)], false)],
    ['opens a firewall for a new node', steps([host('luna', 'agent', { op: 'admit-node', through: 'ocean' })])],
    ['removes an object', steps([], true, [{ op: 'remove-object', kind: 'ClusterRole', name: 'r' }])],
    ['removes a unit that runs nothing of Kubernetes', steps([host('maia', 'agent', unit('keel-agent.service'))])],
    ['writes a file', steps([host('ocean', 'server', { op: 'write-file', path: '/a', why: 'content' })])],
  ])('%s', (_what, found) => expect(found).toEqual([]))
})
