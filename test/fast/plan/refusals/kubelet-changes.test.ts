import { describe, expect, it } from 'vitest'
import { kubeletChanges } from '../../../../src/plan/refusals/kubelet-changes.ts'
import { seenHost } from '../../../support/samples/cluster-view.ts'
import { sampleCluster, sampleHost } from '../../../support/samples/sample-cluster.ts'

const systemdKubelet = {
  packages: [],
  programs: [],
  repositories: [],
  hostPaths: [],
  reserve: { milliCores: 100, memory: 2 ** 28 },
}
const unit = (name: string) => `/etc/systemd/system/${name}.service`

function faults(isSystemd: boolean, role: 'server' | 'agent', owned: readonly string[]) {
  const host = sampleHost({ name: 'maia', role, ...(isSystemd ? { systemdKubelet } : {}) })
  const seen = seenHost(sampleCluster([host]), host, {})
  const generation = { ...seen.facts.generation, owned: owned.map(unit) }
  return kubeletChanges({ ...seen, facts: { ...seen.facts, generation } })
}

describe('a host that changes its kind of kubelet', () => {
  it.each<[string, boolean, 'server' | 'agent', readonly string[]]>([
    ['an agent of k3s gets the systemd kubelet', true, 'agent', ['k3s-agent', 'keel-firewall']],
    ['a server of k3s gets it', true, 'server', ['k3s']],
    ['a worker of kubeadm gets it', true, 'agent', ['keel-kubeadm']],
    ['an agent loses it', false, 'agent', ['keel-vkubelet']],
    ['a server loses it', false, 'server', ['k3s', 'keel-vkubelet']],
  ])('is refused: %s', (_what, isSystemd, role, owned) => {
    const found = faults(isSystemd, role, owned)
    expect(found.map(({ code, at }) => [code, at])).toEqual([['kubelet-changes', 'maia']])
    expect(found[0]?.todo).toContain('keel help topics remove-a-node')
  })

  it.each<[string, boolean, 'server' | 'agent', readonly string[]]>([
    ['the machine is new', true, 'agent', []],
    ['it has only parts of keel', true, 'agent', ['keel-firewall', 'keel-agent']],
    ['it has had it before', true, 'agent', ['keel-vkubelet']],
    ['a server has had it before', true, 'server', ['k3s', 'keel-vkubelet']],
    ['it never had it', false, 'agent', ['k3s-agent']],
  ])('is not refused if %s', (_what, isSystemd, role, owned) => {
    expect(faults(isSystemd, role, owned)).toEqual([])
  })
})
