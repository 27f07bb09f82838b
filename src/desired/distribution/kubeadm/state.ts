import type { SecretName } from '../../../model/brands.ts'
import type { Host } from '../../../model/cluster.ts'
import type { Service } from '../../../model/distribution/service.ts'
import { minorOf } from '../../../model/k3s/k3s-version.ts'
import { keelKubeadmPaths } from '../../../model/kubeadm/paths.ts'
import { type KubeadmCa, kubeadmCas, kubeadmSecrets, kubernetesCa } from '../../../model/kubeadm/pki.ts'
import { vkubeletPaths } from '../../../model/systemd-kubelet/paths.ts'
import type { UnitName } from '../../../model/systems/unit-name.ts'
import type { ClusterState } from '../../cluster-state.ts'
import type { DistributionState, KubeadmNode, WantedCredential } from '../../host-state.ts'
import type { Surroundings } from '../../surroundings.ts'
import { nodeAlone } from '../vkubelet/state.ts'
import { versionOf } from '../vkubelet/version-of.ts'
import { kubeadmAccess, kubeadmPast, kubeadmPlaces } from './access.ts'
import { containerdFile } from './containerd-config.ts'
import { kubeadmOf } from './kubeadm-of.ts'
import { noCertificate } from './no-certificate.ts'
import { joinUnit, kubeletUnit, manifestsUnit } from './units.ts'
import { kubeadmVkubelet } from './vkubelet-api.ts'
import { waysInOf } from './ways-in.ts'

/** From this minor of 1.x on, `kubeadm init` asks the API server of its own host, and not the cluster's address. */
const ASKS_ITSELF = 36

/**
 * What kubeadm makes of one host. A unit founds or joins, and goes on doing so if keel is gone; kubelet runs the node; on
 * a server another unit applies manifests.
 */
export function kubeadmState(state: ClusterState, host: Host, surroundings: Surroundings): DistributionState {
  const { cluster } = state
  const { version, containerd } = kubeadmOf(cluster)
  const isServer = host.role === 'server'
  if (host.systemdKubelet !== undefined)
    return nodeAlone(cluster, host, {
      access: kubeadmAccess,
      past: kubeadmPast,
      places: kubeadmPlaces,
      credentials: [],
      joining: kubeadmVkubelet(cluster, certificateOf(kubernetesCa, surroundings)),
      permit: { unit: vkubeletPaths.unit, path: keelKubeadmPaths.permit, version: versionOf(cluster) },
    })
  const artifacts = surroundings.programsFor(host)
  const { document, others } = waysInOf(
    state,
    host,
    surroundings.joinThrough(host),
    certificateOf(kubernetesCa, surroundings),
  )
  const vip = cluster.vip?.address
  const own: KubeadmNode = {
    kind: 'kubeadm',
    version,
    document,
    otherDocuments: others,
    cas: (isServer ? kubeadmCas : [kubernetesCa]).map((ca) => ({
      ca,
      certificatePem: certificateOf(ca, surroundings),
    })),
    ...(containerd === 'managed' ? { containerd: containerdFile(minorOf(version) ?? 0) } : {}),
    ...(vip !== undefined && host.firstServer && (minorOf(version) ?? 0) < ASKS_ITSELF ? { borrows: vip } : {}),
  }
  const kubelet = {
    unit: kubeletUnit,
    healthy: isServer ? (['api', 'node'] as const) : (['node'] as const),
    programs: artifacts.map(({ name }) => name),
    startFolder: { path: `/etc/systemd/system/${kubeletUnit}.d`, except: [] },
  }
  const join = jobAt(joinUnit, keelKubeadmPaths.folder)
  const manifests = jobAt(manifestsUnit, keelKubeadmPaths.manifests)
  return {
    artifacts,
    services: isServer ? [join, manifests, kubelet] : [join, kubelet],
    credentials: isServer ? kubeadmSecrets.map(credential) : [],
    once: [],
    access: kubeadmAccess,
    past: kubeadmPast,
    places: kubeadmPlaces,
    ports: ['tcp:10250', ...(isServer ? ['tcp:6443', 'tcp:2379', 'tcp:2380'] : [])],
    permit: { unit: joinUnit, path: keelKubeadmPaths.permit, version },
    own,
  }
}

/** A service that does its work and ends: with that it is healthy. @param folder of the files that it reads */
function jobAt(unit: UnitName, folder: string): Service {
  return { unit, healthy: [], programs: [], startFolder: { path: folder, except: [] } }
}

function credential(secret: SecretName): WantedCredential {
  return { id: secret, content: { kind: 'secret', secret }, readAtStartBy: joinUnit }
}

function certificateOf({ certificateFile }: KubeadmCa, { certificates }: Surroundings): string {
  const found = certificates?.get(certificateFile)
  if (found !== undefined) return found
  throw noCertificate(certificateFile)
}
