import type { Cluster, Host } from '../../../src/model/cluster.ts'
import type { ClusterView, SelectedHost } from '../../../src/plan/view/cluster-view.ts'
import type { FilesFacts } from '../../../src/probes/facts.ts'
import { renderedOf } from '../../../src/targets/render.ts'
import { kubeadmSurroundings } from './kubeadm-cluster.ts'
import { sampleSurroundings } from './sample-cluster.ts'
import { emptyFacts, emptySystemFacts, withServices } from './sample-facts.ts'

/** A view in which all selected hosts have answered and no other host was asked. A test changes what it is about. */
export function viewOf(
  cluster: Cluster,
  selected: readonly SelectedHost[],
  over: Partial<ClusterView> = {},
): ClusterView {
  return {
    cluster,
    today: '2026-11-29',
    selected: { seen: selected, faults: [] },
    others: { seen: [], faults: [] },
    ...over,
  }
}

/** What every host answers, on any system. */
export interface CommonFacts extends Partial<Omit<FilesFacts, 'kind' | 'paths' | 'credentials' | 'services'>> {
  /** The state of its services. */
  readonly services?: Parameters<typeof withServices>[1]
}

/** A host on which keel and k3s have never run, except for what a test changes. */
export function seenHost(cluster: Cluster, host: Host, { services = {}, ...facts }: CommonFacts = {}): SelectedHost {
  const isKubeadm = cluster.distribution.kind === 'kubeadm'
  const rendered = renderedOf(cluster, host, isKubeadm ? kubeadmSurroundings : sampleSurroundings)
  const [files, system] = [emptyFacts(host.name, rendered.services), emptySystemFacts(host.name, rendered.services)]
  return rendered.kind === 'files'
    ? {
        host,
        rendered,
        facts: { ...withServices(files, services), ...facts },
        sources: { kind: 'files', credentials: {} },
      }
    : { host, rendered, facts: { ...withServices(system, services), ...facts }, sources: { kind: 'system', tree: '' } }
}

/** The facts of a host that runs in its cluster. */
export function runningFacts(role: Host['role'], over: CommonFacts = {}): CommonFacts {
  return {
    past: { server: role === 'server', agent: true, version: 'v1.36.3+k3s1' },
    services: { active: 'active', enabled: 'enabled' },
    ...over,
  }
}

/** Why a host did not answer. */
export function silent({ name }: Host) {
  return { code: 'ssh-timeout', at: name, found: 'no answer' }
}
