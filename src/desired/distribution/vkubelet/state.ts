import type { Cluster, Host } from '../../../model/cluster.ts'
import type { Past } from '../../../model/distribution/past.ts'
import type { Places } from '../../../model/distribution/places.ts'
import type { Service } from '../../../model/distribution/service.ts'
import { AGENT_ARTIFACT, NODE_ARTIFACT } from '../../../model/keel-agent/agent-program.ts'
import { vkubeletCredential, vkubeletPaths } from '../../../model/systemd-kubelet/paths.ts'
import type { DistributionState, Permit } from '../../host-state.ts'
import { type OfDistribution, vkubeletCredentials, vkubeletNodeOf } from './vkubelet-node.ts'

/** What it calls itself when it is asked for its version. */
const PROGRAM_NAME = 'keel-vkubelet'

/** The service that makes a host a Node whose Pods are units of systemd. */
export function vkubeletService(healthy: Service['healthy']): Service {
  return {
    unit: vkubeletPaths.unit,
    healthy,
    programs: [NODE_ARTIFACT, AGENT_ARTIFACT],
    startFolder: { path: vkubeletPaths.sources, except: [] },
  }
}

interface Around extends Pick<DistributionState, 'access' | 'past' | 'places' | 'credentials'> {
  readonly permit?: Permit
  readonly joining: OfDistribution
}

/** A host without anything of its distribution but the Node: no server, no kubelet, no container runtime. */
export function nodeAlone(cluster: Cluster, host: Host, of: Around): DistributionState {
  const vkubelet = vkubeletNodeOf(cluster, host, of.joining)
  if (vkubelet === undefined) throw new Error(`${host.name} has the node of its distribution`)
  const { kind } = cluster.distribution
  return {
    artifacts: [],
    services: [vkubeletService(['node'])],
    credentials: [...of.credentials, ...vkubeletCredentials(host)],
    once: [],
    access: { ...of.access, kubelet: vkubeletCredential(kind), ownNode: [vkubeletPaths.program, 'node'] },
    past: pastOf(of.past, of.joining.ca),
    places: placesOf(of.places),
    ports: ['tcp:10250'],
    ...(of.permit === undefined ? {} : { permit: of.permit }),
    vkubelet,
    own: { kind: 'node-alone', of: kind },
  }
}

function pastOf({ server, serverCa }: Past, ca: string): Past {
  return {
    server,
    serverCa,
    agent: vkubeletPaths.client.certificate,
    agentCa: ca,
    version: { command: [PROGRAM_NAME, '--version'], says: PROGRAM_NAME },
  }
}

function placesOf(places: Places): Places {
  return { ...places, certificates: [vkubeletPaths.state, ...Object.values(vkubeletPaths.folders)] }
}
