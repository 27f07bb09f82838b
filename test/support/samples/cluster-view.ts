import type { Cluster, Host } from '../../../src/model/cluster.ts'
import type { ClusterView, SelectedHost } from '../../../src/plan/view/cluster-view.ts'
import type { FilesFacts } from '../../../src/probes/facts.ts'
import { renderedOf } from '../../../src/targets/render.ts'
import { sampleSurroundings } from './sample-cluster.ts'
import { emptyFacts, emptySystemFacts } from './sample-facts.ts'

/** What is known where all selected hosts answered and nobody else was asked; tests change what they are about. */
export function viewOf(cluster: Cluster, selected: readonly SelectedHost[], over: Partial<ClusterView> = {}): ClusterView {
  return { cluster, selected: { seen: selected, faults: [] }, others: { seen: [], faults: [] }, ...over }
}

/** What every host answers, whatever its system. */
export type CommonFacts = Partial<Omit<FilesFacts, 'kind' | 'paths' | 'credentials'>>

/** A host on which keel and k3s have never been, except for what a test says. */
export function seenHost(cluster: Cluster, host: Host, facts: CommonFacts = {}): SelectedHost {
  const rendered = renderedOf(cluster, host, sampleSurroundings)
  return rendered.kind === 'files'
    ? { host, rendered, facts: { ...emptyFacts(host.name), ...facts }, sources: { kind: 'files', credentials: {} } }
    : { host, rendered, facts: { ...emptySystemFacts(host.name), ...facts }, sources: { kind: 'system', tree: '' } }
}

/** The facts of a host that runs in its cluster. */
export function runningFacts(role: Host['role'], over: CommonFacts = {}): CommonFacts {
  return {
    k3s: { server: role === 'server', agent: true, version: 'v1.34.4+k3s1' },
    unit: { active: 'active', enabled: 'enabled', needsReload: false },
    ...over,
  }
}

/** Why a host did not answer. */
export function silent({ name }: Host) {
  return { code: 'ssh-timeout', at: name, found: 'no answer' }
}
