import { describe, expect, it } from 'vitest'
import { notes } from '../../../../src/plan/notes/index.ts'
import type { HostPlan } from '../../../../src/plan/plan.ts'
import { runningFacts, seenHost, silent, viewOf } from '../../../support/samples/cluster-view.ts'
import { sampleCluster, sampleHost } from '../../../support/samples/sample-cluster.ts'

const [ocean, reef, atoll] = ['ocean', 'reef', 'atoll'].map((name) =>
  sampleHost({ name, role: 'server', firstServer: name === 'ocean' }),
)
if (ocean === undefined || reef === undefined || atoll === undefined) throw new Error('three servers')
const cluster = sampleCluster([ocean, reef, atoll])
const restart: HostPlan = {
  host: ocean.name,
  role: 'server',
  wave: 0,
  operations: [{ op: 'restart-unit', unit: 'k3s.service', when: 'always', why: '' }],
}

describe('all notes of a plan', () => {
  const status = {
    kubeletVersion: 'v1.36.3+k3s1',
    podCIDRs: [],
    addresses: [],
    startedWith: { 'flannel-backend': ['host-gw'], 'node-name': ['coast'] },
  }
  const dropIns = ['/etc/systemd/system/k3s.service.d/a.conf']
  const odd = seenHost(cluster, ocean, runningFacts('server', { status, services: { active: 'active', dropIns } }))
  const view = viewOf(cluster, [odd, seenHost(cluster, reef, runningFacts('server'))], {
    selected: { seen: [odd, seenHost(cluster, reef, runningFacts('server'))], faults: [silent(atoll)] },
    remembered: { at: reef.name, members: { nodes: ['coast', 'nova'], passwords: [], etcd: [] } },
  })

  it('come in one order: each host, the cluster’s settings, its machines, its majority', () => {
    expect(notes(view, [restart]).map(({ code, at }) => `${at} ${code}`)).toEqual([
      'ocean foreign-drop-in',
      'ocean flannel-backend-changes',
      'ocean renamed-host',
      'reef left-behind',
      'reef left-behind',
      'reef node-missing',
      'ocean no-server-to-spare',
    ])
  })

  it('have nothing of a majority where the server that does not answer was asked for others only', () => {
    const { seen } = view.selected
    const others = { seen: [], faults: [silent(atoll)] }
    const codes = notes({ ...view, selected: { seen, faults: [] }, others }, [restart]).map(({ code }) => code)
    expect(codes).not.toContain('no-server-to-spare')
  })

  it('begin with the end of the support of its Kubernetes', () => {
    const old = viewOf(cluster, [seenHost(cluster, ocean, runningFacts('server'))], { today: '2027-06-29' })
    expect(notes(old, [])).toMatchObject([{ code: 'out-of-support', at: 'hosts/cluster' }])
  })

  it('are none of hosts that are as they should be', () => {
    expect(notes(viewOf(cluster, [seenHost(cluster, ocean, runningFacts('server'))]), [])).toEqual([])
  })
})
