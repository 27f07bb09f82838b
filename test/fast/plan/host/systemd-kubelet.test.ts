import { describe, expect, it } from 'vitest'
import { planHost, type Sources } from '../../../../src/plan/host/plan-host.ts'
import type { FilesFacts } from '../../../../src/probes/facts.ts'
import { renderedOf } from '../../../../src/targets/render.ts'
import type { FilesRendered } from '../../../../src/targets/rendered.ts'
import { kubeadmSurroundings, sampleKubeadm } from '../../../support/samples/kubeadm-cluster.ts'
import { sampleCluster, sampleHost, sampleSurroundings } from '../../../support/samples/sample-cluster.ts'
import { applyOperations, emptyFacts, filesOf } from '../../../support/samples/sample-facts.ts'

const systemdKubelet = {
  packages: ['uptimed'],
  programs: [],
  repositories: [{ name: 'own', uris: ['https://p.example'], suites: ['./'], components: [], signedBy: 'key\n' }],
  hostPaths: [],
  reserve: { milliCores: 100, memory: 2 ** 28 },
}
const ocean = sampleHost({ name: 'ocean', role: 'server', firstServer: true, nodeIPs: ['10.0.0.1'] })
const farm = sampleHost({ name: 'farm', nodeIPs: ['10.0.0.2'], systemdKubelet })

function sourcesOf({ credentials }: FilesRendered): Sources {
  return { kind: 'files', credentials: Object.fromEntries(credentials.map(({ id }) => [id, 'some'])) }
}

const k3s = (host = farm) => filesOf(renderedOf(sampleCluster([ocean, host]), host, sampleSurroundings))
const kubeadm = () =>
  filesOf(renderedOf(sampleCluster([ocean, farm], { distribution: sampleKubeadm }), farm, kubeadmSurroundings))
const server = () => {
  const host = { ...ocean, systemdKubelet }
  return filesOf(renderedOf(sampleCluster([host]), host, sampleSurroundings))
}

describe('a host with the systemd kubelet', () => {
  it.each([
    ['agent of k3s', k3s(), ['keel-vkubelet.service']],
    ['worker of kubeadm', kubeadm(), ['keel-vkubelet.service']],
    ['server of k3s', server(), ['keel-vkubelet.service', 'k3s.service']],
  ])('%s: starts its services in their order, and has no changes then', (_what, wanted, units) => {
    const [empty, sources] = [emptyFacts(wanted.host, wanted.services), sourcesOf(wanted)]
    const operations = planHost(wanted, empty, sources)
    const started = operations.flatMap((one) => (one.op === 'start-unit' ? [one.unit] : []))
    expect(started).toEqual(units)
    const seen = applyOperations(wanted, empty, sources, operations)
    expect(planHost(wanted, withData(seen), sources)).toEqual([])
  })

  it.each<[string, string]>([
    ['its configuration', '/etc/keel/vkubelet.json'],
    ['a repository', '/etc/keel/vkubelet/own.sources'],
    ['its unit', '/etc/systemd/system/keel-vkubelet.service'],
    ['its program', '/usr/local/bin/keel-vkubelet'],
  ])('restarts it if somebody has changed %s', (_what, path) => {
    const wanted = k3s()
    const [empty, sources] = [emptyFacts(wanted.host, wanted.services), sourcesOf(wanted)]
    const seen = withData(applyOperations(wanted, empty, sources, planHost(wanted, empty, sources)))
    const state = seen.paths[path]
    expect(state?.kind).toBe('file')
    const changed = { ...seen, paths: { ...seen.paths, [path]: { ...state, sha256: 'f'.repeat(64) } as never } }
    expect(planHost(wanted, changed, sources)).toContainEqual({
      op: 'restart-unit',
      unit: 'keel-vkubelet.service',
      when: 'always',
      why: `changed: ${path}`,
    })
  })
})

/** It has joined. */
function withData(facts: FilesFacts): FilesFacts {
  return { ...facts, past: { server: facts.services.length > 1, agent: true, version: 'v1.36.3' } }
}
