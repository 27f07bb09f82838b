import { describe, expect, it } from 'vitest'
import type { KubernetesVersion } from '../../../../src/model/brands.ts'
import type { Host } from '../../../../src/model/cluster.ts'
import { plainText } from '../../../../src/model/text/styled-text.ts'
import { describePlan } from '../../../../src/plan/describe-plan.ts'
import { destructiveSteps } from '../../../../src/plan/destructive.ts'
import { duePermit } from '../../../../src/plan/due-permit.ts'
import { planHost } from '../../../../src/plan/host/plan-host.ts'
import { makePlan } from '../../../../src/plan/make-plan.ts'
import { type CommonFacts, runningFacts, seenHost, viewOf } from '../../../support/samples/cluster-view.ts'
import { kubernetesCaCertificate, sampleKubeadm } from '../../../support/samples/kubeadm-cluster.ts'
import { sampleCluster, sampleHost } from '../../../support/samples/sample-cluster.ts'
import { applyOperations, filesOf, sourcesOf } from '../../../support/samples/sample-facts.ts'

const ocean = sampleHost({ name: 'ocean', role: 'server', firstServer: true, nodeIPs: ['10.0.0.1'] })
const reef = sampleHost({ name: 'reef', role: 'server', nodeIPs: ['10.0.0.2'] })
const maia = sampleHost({ name: 'maia', nodeIPs: ['10.0.0.3'] })
const from = 'v1.36.3'
const to = 'v1.36.4' as KubernetesVersion
const cluster = sampleCluster([ocean, reef, maia], { distribution: { ...sampleKubeadm, version: to } })

/** A host on which everything is as the inventory wants it, except for what a test changes. */
function seen(host: Host, over: CommonFacts['past'], { services, ...more }: CommonFacts = {}) {
  const past = { server: host.role === 'server', agent: true, version: to, reached: from, ...over }
  const one = seenHost(cluster, host, runningFacts(host.role, { past, ...(services ? { services } : {}), ...more }))
  const { rendered, facts } = one
  if (facts.kind !== 'files') throw new Error('keel writes files there')
  const sources = sourcesOf(Object.fromEntries(filesOf(rendered).credentials.map(({ id }) => [id, 'as it was'])))
  const files = planHost(rendered, facts, sources).filter(({ op }) => op !== 'upgrade-node')
  const placed = applyOperations(rendered, facts, sources, files)
  return {
    ...one,
    sources,
    facts: { ...placed, past: facts.past, services: facts.services, generation: facts.generation },
  }
}
const operations = (one: ReturnType<typeof seen>) => planHost(one.rendered, one.facts, one.sources)

describe('a node at another version than the inventory', () => {
  const upgrade = { op: 'upgrade-node', unit: 'keel-kubeadm.service', from, to }

  it.each<[string, Host, CommonFacts['past']]>([
    ['that has not begun', ocean, { server: true, agent: true, controlPlane: from }],
    ['whose upgrade was ended before its kubelet', ocean, { server: true, agent: true, controlPlane: to }],
    ['whose control plane stayed behind', ocean, { server: true, agent: true, reached: to, controlPlane: from }],
    ['that is a worker', maia, { server: false, agent: true }],
  ])('%s: its unit upgrades it, and restarts the kubelet itself', (_what, host, past) => {
    const one = seen(host, past)
    expect(operations(one)).toEqual([upgrade])
    expect(duePermit(one, operations(one))).toMatchObject({ unit: 'keel-kubeadm.service' })
    // nothing is left to do
    expect(
      planHost(one.rendered, applyOperations(one.rendered, one.facts, one.sources, [upgrade] as never), one.sources),
    ).toEqual([])
  })

  it('is started where an upgrade has failed, too', () => {
    const one = seen(maia, { server: false, agent: true })
    const services = filesOf(one.rendered).services.map(({ unit }) => ({
      ...{ unit, enabled: 'enabled', needsReload: false, dropIns: [] },
      active: unit === 'kubelet.service' ? 'active' : 'failed',
    }))
    expect(planHost(one.rendered, { ...one.facts, services: services as never }, one.sources)).toEqual([upgrade])
  })

  it('is left alone while it is being upgraded, and watched', () => {
    const one = seen(maia, { server: false, agent: true }, { services: { active: 'activating', enabled: 'enabled' } })
    expect(operations(one)).toEqual([])
    const cut = { ...one.facts, generation: { ...one.facts.generation, unconfirmed: true } }
    expect(planHost(one.rendered, cut, one.sources)).toEqual([{ op: 'finish-deploy', unit: 'kubelet.service' }])
  })

  it('has no token for it, as it is no new node', () => {
    const { hosts } = makePlan(viewOf(cluster, [seen(maia, { server: false, agent: true })]))
    expect(hosts.flatMap((host) => host.operations.map(({ op }) => op))).toEqual(['upgrade-node'])
  })
})

it('the plan tells who is upgraded, one server after the other, then the workers', () => {
  const hosts = [maia, reef, ocean].map((host) =>
    seen(
      host,
      host.role === 'server' ? { server: true, agent: true, controlPlane: from } : { server: false, agent: true },
    ),
  )
  const plan = makePlan(viewOf(cluster, hosts, { caCertificate: kubernetesCaCertificate }))
  const line = '  ! upgrade Kubernetes from v1.36.3 to v1.36.4 (kubeadm upgrade), and then restart kubelet.service'
  expect(plainText(describePlan(plan)).split('\n')).toEqual([
    ...['ocean (server)', line],
    ...['reef (server)', line],
    ...['maia (agent)', line],
    '',
    'Plan: 0 to add, 0 to change, 0 to remove on 3 hosts (0 unchanged); Kubernetes upgrades to v1.36.4 on ocean, reef, maia.',
  ])
  expect(plan.hosts.map(({ wave }) => wave)).toEqual([0, 1, 2])
  expect(destructiveSteps(plan, () => true)).toEqual(['upgrades Kubernetes on ocean, reef, which nobody can undo'])
})
