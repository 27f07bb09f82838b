import { describe, expect, it } from 'vitest'
import type { Cluster, Host, KeelAgent } from '../../../../src/model/cluster.ts'
import { unverifiedKubelet } from '../../../../src/plan/notes/unverified-kubelet.ts'
import { sampleKubeadm } from '../../../support/samples/kubeadm-cluster.ts'
import { sampleCluster, sampleHost } from '../../../support/samples/sample-cluster.ts'

const ocean = sampleHost({ name: 'ocean', role: 'server', firstServer: true, keelAgent: true })
const keelAgent: KeelAgent = { credential: { kind: 'kubelet' }, rbac: 'split', port: 50_051, logLevel: 'info' }
const withAgents: Partial<Cluster> = { distribution: sampleKubeadm, keelAgent }
const address = { user: 'root', host: '203.0.113.7', port: 22 }

/** The notes about maia, whose Node has these addresses. */
function noted(addresses: readonly string[] | undefined, of: Partial<Omit<Host, 'name'>> = {}, cluster = withAgents) {
  const maia = sampleHost({ ...of, name: 'maia' })
  const status = addresses && { kubeletVersion: 'v1.36.3', podCIDRs: [], addresses }
  return unverifiedKubelet(sampleCluster([ocean, maia], cluster), maia, status === undefined ? {} : { status })
}

describe('a kubelet that gets no certificate', () => {
  it('is noted with the address that the inventory does not have', () => {
    expect(noted(['10.9.9.9'], { nodeIPs: ['10.0.0.2'] })).toEqual([
      {
        code: 'kubelet-unverified',
        at: 'maia',
        found: 'its Node has the address 10.9.9.9, and the inventory has no such address for the host',
        why: expect.stringContaining('`kubectl logs`'),
        todo: expect.stringContaining('set nodeIP in hosts/maia'),
      },
    ])
  })

  it('is noted where only SSH has an address', () => {
    expect(noted(['10.0.0.2'], { address })).toHaveLength(1)
  })

  it('is noted where Pods are units of systemd and nobody approves', () => {
    const settings = { packages: [], programs: [], repositories: [], hostPaths: [] }
    const systemdKubelet = { ...settings, reserve: { milliCores: 0, memory: 0 } }
    const [note] = noted(undefined, { systemdKubelet }, { distribution: sampleKubeadm })
    expect(note).toMatchObject({ code: 'kubelet-unverified', at: 'maia', todo: expect.stringContaining('keelAgent') })
    expect(noted(undefined, { systemdKubelet })).toEqual([])
    expect(noted(undefined, { systemdKubelet }, {})).toEqual([])
  })

  it.each<[string, Parameters<typeof noted>]>([
    ['the Node has its nodeIP', [['10.0.0.2', 'fd00::2'], { nodeIPs: ['10.0.0.2', 'fd00::2'] }]],
    ['the Node has the address of SSH', [['203.0.113.7'], { address }]],
    ['an address is written in another way', [['fd00:0::2'], { nodeIPs: ['fd00::2'] }]],
    ['there is no Node yet', [undefined]],
    ['k3s signs the certificate itself', [['10.9.9.9'], {}, { keelAgent }]],
    ['nobody approves', [['10.9.9.9'], {}, { distribution: sampleKubeadm }]],
  ])('is not noted if %s', (_why, given) => {
    expect(noted(...given)).toEqual([])
  })
})
