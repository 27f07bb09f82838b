import { describe, expect, test } from 'vitest'
import { questionsFor } from '../../../../src/fleet/survey.ts'
import { foreignUnitNotes } from '../../../../src/plan/notes/foreign-units.ts'
import { foreignUnitRefusals } from '../../../../src/plan/refusals/foreign-units.ts'
import { hostRefusals } from '../../../../src/plan/refusals/unfit-host.ts'
import type { SeenPast } from '../../../../src/probes/distribution/seen-past.ts'
import { certificateId } from '../../../../src/probes/distribution/seen-past.ts'
import { type ForeignState, type ForeignUnit, foreignState } from '../../../../src/probes/foreign.ts'
import { seenHost } from '../../../support/samples/cluster-view.ts'
import { kubernetesCaCertificate, sampleKubeadm } from '../../../support/samples/kubeadm-cluster.ts'
import { sampleCluster, sampleHost } from '../../../support/samples/sample-cluster.ts'

const server = sampleHost({ name: 'ocean', role: 'server', firstServer: true, nodeIPs: ['10.0.0.1'] })
const worker = sampleHost({ name: 'maia', nodeIPs: ['10.0.0.2'] })
const cluster = sampleCluster([server, worker], { distribution: sampleKubeadm })
const ours = certificateId(kubernetesCaCertificate)

/** A host on which this was found. */
function found(foreign: Partial<ForeignState>, past: SeenPast = { server: false, agent: false }, host = server) {
  return seenHost(cluster, host, { foreign: { ...foreignState.parse(''), ...foreign }, past })
}
const refused = (...words: Parameters<typeof found>) => foreignUnitRefusals(found(...words)).map(({ code }) => code)
const unit = (over: Partial<ForeignUnit>): ForeignUnit => ({
  ...{ unit: 'k3s.service', active: 'active', enabled: 'enabled', path: '/etc/systemd/system/k3s.service' },
  ...{ what: 'k3s server', startedBy: [], flags: [] },
  ...over,
})
const port = (program: string, pid: string, owner: string) => ({
  ...{ protocol: 'tcp', port: 6443, program, pid, unit: owner },
})
const pod = `cri-containerd-${'a'.repeat(64)}.scope`

describe('a host that is to join a cluster of kubeadm', () => {
  test('is asked what else runs Kubernetes there, and for the ports of kubeadm', () => {
    expect(questionsFor(found({}).rendered).foreign).toMatchObject({
      unit: 'kubelet.service',
      ports: ['tcp:10250', 'tcp:6443', 'tcp:2379', 'tcp:2380'],
    })
  })

  test.each<[string, Partial<ForeignState>, readonly string[]]>([
    ['nothing', {}, []],
    ['k3s', { units: [unit({})] }, ['foreign-unit']],
    [
      'microk8s',
      { units: [unit({ unit: 'snap.microk8s.daemon-kubelite.service', what: 'kubelite' })] },
      ['foreign-unit'],
    ],
    ['a process of k3s', { processes: [{ pid: '7', program: 'k3s-server', unit: '' }] }, ['foreign-kubernetes']],
    ['a web server on 6443', { ports: [port('nginx', '8', 'nginx.service')] }, ['port-in-use']],
    ['another cluster in Pods', { ports: [port('kube-apiserver', '9', pod)] }, ['port-in-use']],
    [
      'a kubelet.service of somebody',
      { units: [unit({ unit: 'kubelet.service', path: '/etc/systemd/system/kubelet.service', what: 'kubelet' })] },
      ['unit-shadowed'],
    ],
    [
      'the kubelet.service of the image',
      { units: [unit({ unit: 'kubelet.service', path: '/usr/lib/systemd/system/kubelet.service', what: 'kubelet' })] },
      [],
    ],
    ['its own kubelet', { processes: [{ pid: '7', program: 'kubelet', unit: 'kubelet.service' }] }, []],
  ])('with %s', (_what, foreign, codes) => {
    expect(refused(foreign)).toEqual(codes)
  })

  test('each refusal says what is there and what to do', () => {
    const all = { units: [unit({})], ports: [port('nginx', '8', 'nginx.service')] }
    for (const fault of foreignUnitRefusals(found(all))) {
      expect(fault).toMatchObject({ at: 'ocean', why: expect.any(String), todo: expect.any(String) })
      expect(`${fault.why}`).not.toContain('k3s needs')
    }
  })

  test('may have the Pods of its own earlier run, but no other program on their ports', () => {
    const past = { server: false, agent: false, serverCa: ours }
    expect(refused({ ports: [port('kube-apiserver', '9', pod)] }, past)).toEqual([])
    expect(refused({ ports: [port('nginx', '8', 'nginx.service')] }, past)).toEqual(['port-in-use'])
  })

  test.each([
    ['server', server, { server: false, agent: false, serverCa: 'e'.repeat(64) }],
    ['worker', worker, { server: false, agent: true, agentCa: 'e'.repeat(64) }],
  ])('with the CA of another cluster is refused as a %s', (_role, host, past) => {
    expect(hostRefusals(found({}, past, host), kubernetesCaCertificate)).toMatchObject([
      {
        code: 'foreign-ca',
        found: 'data of Kubernetes under another CA',
        todo: expect.stringContaining('kubeadm reset'),
      },
    ])
  })
})

test('a host that is in its cluster has the control plane on its ports', () => {
  const past = { server: true, agent: true, serverCa: ours }
  expect(refused({ ports: [port('kube-apiserver', '9', pod), port('etcd', '10', 'init.scope')] }, past)).toEqual([])
  expect(refused({ units: [unit({})] }, past)).toEqual(['foreign-unit'])
})

test('the unit that merges the images starts kubelet for keel, and is nothing foreign', () => {
  const merges = unit({
    unit: 'systemd-sysext.service',
    path: '/usr/lib/systemd/system/systemd-sysext.service',
    what: 'a start of a Kubernetes service',
  })
  expect(foreignUnitNotes(found({ units: [merges] }))).toEqual([])
  const other = { ...merges, unit: 'start-it.service', path: '/etc/systemd/system/start-it.service' }
  expect(foreignUnitNotes(found({ units: [other] }))).toMatchObject([{ code: 'foreign-starter' }])
})
