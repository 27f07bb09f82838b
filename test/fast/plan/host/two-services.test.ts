import { describe, expect, it } from 'vitest'
import { operationsOnHost } from '../../../../src/deploy/files/operations-on-host.ts'
import { inOrder } from '../../../../src/model/distribution/service.ts'
import { restartWithoutData } from '../../../../src/plan/host/data-gone.ts'
import { planHost } from '../../../../src/plan/host/plan-host.ts'
import { notes } from '../../../../src/plan/notes/index.ts'
import type { Operation } from '../../../../src/plan/operation.ts'
import type { FilesFacts, ServiceState } from '../../../../src/probes/facts.ts'
import type { PathState } from '../../../../src/probes/host/path-states.ts'
import { viewOf } from '../../../support/samples/cluster-view.ts'
import { sampleCluster, sampleHost } from '../../../support/samples/sample-cluster.ts'
import { applyOperations, emptyFacts, sourcesOf } from '../../../support/samples/sample-facts.ts'
import { twoServices } from '../../../support/samples/two-services.ts'

const sources = sourcesOf({ registry: 'r1', bootstrap: 'b1' })
const empty = emptyFacts(twoServices.host, twoServices.services)
const inUse = applyOperations(twoServices, empty, sources, planHost(twoServices, empty, sources))

/** `op unit` of each operation that is about a unit. */
function orders(facts: FilesFacts, from = sources): readonly string[] {
  return told(planHost(twoServices, facts, from))
}

function told(operations: readonly Operation[]): readonly string[] {
  return operations.flatMap((operation) => ('unit' in operation ? [`${operation.op} ${operation.unit}`] : []))
}

function seen(unit: string, change: Partial<ServiceState>): FilesFacts {
  return { ...inUse, services: inOrder(inUse.services, (one) => (one.unit === unit ? { ...one, ...change } : one)) }
}

function at(path: string, change: Partial<Extract<PathState, { kind: 'file' }>>): FilesFacts {
  const state = inUse.paths[path]
  return { ...inUse, paths: { ...inUse.paths, [path]: { ...state, ...change } as PathState } }
}

describe('a host whose node needs a service before it', () => {
  it('has each enabled and started, in their order', () => {
    expect(orders(empty)).toEqual([
      'enable-unit containerd.service',
      'start-unit containerd.service',
      'enable-unit kubelet.service',
      'start-unit kubelet.service',
    ])
  })

  it('has nothing to do once that is done', () => {
    expect(planHost(twoServices, inUse, sources)).toEqual([])
  })

  it.each<[what: string, facts: FilesFacts, orders: readonly string[]]>([
    ['the first one’s file', at('/etc/containerd/config.toml', { sha256: 'b' }), ['restart-unit containerd.service']],
    ['the node’s file', at('/etc/kubernetes/kubelet.yaml', { sha256: 'b' }), ['restart-unit kubelet.service']],
    ['a file that neither reads', at('/etc/crictl.yaml', { sha256: 'b' }), []],
    ['a unit', at('/etc/systemd/system/kubelet.service', { sha256: 'b' }), ['restart-unit kubelet.service']],
    ['a link to a program', at('/usr/local/bin/containerd', { kind: 'file' }), ['restart-unit containerd.service']],
    ['a program in its place', at('/usr/local/lib/keel/kubelet-1', { sha256: 'b' }), ['restart-unit kubelet.service']],
    ['one that is stopped', seen('kubelet.service', { active: 'failed' }), ['start-unit kubelet.service']],
    [
      'one that the boot leaves out',
      seen('containerd.service', { enabled: 'disabled' }),
      ['enable-unit containerd.service'],
    ],
    [
      'a file that keel removes',
      { ...inUse, generation: { ...inUse.generation, owned: ['/etc/containerd/old.toml', '/etc/kubernetes/watched'] } },
      ['restart-unit containerd.service'],
    ],
    [
      'a program older than the one on the disk',
      {
        ...inUse,
        past: { ...inUse.past, version: 'v1.36.3+k3s1' },
        run: { ...inUse.run, version: 'v1.36.2+k3s1', programIsNewer: true },
      },
      ['restart-unit kubelet.service'],
    ],
    [
      'a restart that an interrupted deploy left: nobody knows whose',
      { ...inUse, generation: { ...inUse.generation, restartPending: true } },
      ['restart-unit containerd.service', 'restart-unit kubelet.service'],
    ],
    [
      'a deploy that was not watched to its end',
      { ...inUse, generation: { ...inUse.generation, unconfirmed: true } },
      ['finish-deploy kubelet.service'],
    ],
  ])('after %s, has only its reader restarted', (_what, facts, expected) => {
    expect(orders(facts)).toEqual(expected)
  })

  it('restarts the reader of a secret whose value is another, and not the reader of one that has the old value', () => {
    const operations = planHost(twoServices, inUse, sourcesOf({ registry: 'r2', bootstrap: 'b2' }))
    const restarts = operations.filter(({ op }) => op === 'restart-unit')
    expect(restarts).toMatchObject([
      { unit: 'containerd.service', when: 'value-changed', why: 'registry is re-encrypted' },
      { unit: 'kubelet.service', when: 'value-changed', why: 'bootstrap is re-encrypted' },
    ])
    const plan = { host: twoServices.host, role: 'agent', wave: 0, operations } as const
    expect(told(operationsOnHost(plan, twoServices, new Set(['bootstrap'])))).toEqual(['restart-unit kubelet.service'])
    expect(told(operationsOnHost(plan, twoServices, new Set()))).toEqual([])
  })

  it('restarts only its node where the node’s data was deleted', () => {
    const host = sampleHost({ name: 'maia' })
    const gone = { ...inUse, past: { server: false, agent: false, noAgentData: true } } as const
    const other: Operation = { op: 'restart-unit', unit: 'containerd.service', when: 'always', why: 'changed' }
    expect(told(restartWithoutData(host, twoServices, gone, [other]))).toEqual([
      'restart-unit containerd.service',
      'restart-unit kubelet.service',
    ])
  })

  it('names the unit of each foreign drop-in', () => {
    const host = sampleHost({ name: 'maia' })
    const facts = seen('containerd.service', { dropIns: ['/etc/systemd/system/containerd.service.d/mine.conf'] })
    const found = notes(viewOf(sampleCluster([host]), [{ host, rendered: twoServices, facts, sources }]), [])
    expect(found.filter(({ code }) => code === 'foreign-drop-in')).toMatchObject([
      { why: 'systemd runs containerd.service with these settings, and keel does not change them' },
    ])
  })
})
