import type { Arch } from '../model/cluster.ts'
import { KUBERNETES_PROGRAMS } from '../sysext/kubernetes-image.ts'
import type { Env } from './env.ts'
import { type Pins, withPinned } from './pins.ts'
import { releasedSum } from './released-sum.ts'

/** As Kubernetes' and the CNI plugins' releases have them: each file has a list with its hash beside it. */
const kubernetesReleases = 'https://dl.k8s.io/release'
const cniReleases = 'https://github.com/containernetworking/plugins/releases/download'

export const CNI_ARTIFACT = 'cni-plugins'
/** The CNI plugins that go with a version of Kubernetes unless somebody says otherwise: the newest release. */
export const CNI_VERSION = 'v1.9.1'

export interface KubernetesRequest {
  readonly version: string
  readonly cniVersion: string
  readonly arch: Arch
}

/** What of the releases is in the image of Kubernetes. */
export function kubernetesDownloads({ version, cniVersion, arch }: KubernetesRequest) {
  const programs = KUBERNETES_PROGRAMS.map((name) => ({
    name,
    version,
    url: `${kubernetesReleases}/${version}/bin/linux/${arch}/${name}`,
  }))
  const archive = `cni-plugins-linux-${arch}-${cniVersion}.tgz`
  return [...programs, { name: CNI_ARTIFACT, version: cniVersion, url: `${cniReleases}/${cniVersion}/${archive}` }]
}

/**
 * The lock file with the programs of the image pinned. What is already pinned stays, and needs no network.
 * @throws KeelError `pin-fetch` if the hashes of a release can't be downloaded; `mirror`
 */
export async function pinKubernetes(
  pins: Pins,
  request: KubernetesRequest,
  { env, signal }: { readonly env: Env; readonly signal?: AbortSignal },
): Promise<Pins> {
  const { arch } = request
  const pinned = await Promise.all(
    kubernetesDownloads(request).map(async ({ name, version, url }) => {
      const known = pins.artifacts[name]?.[version]?.[arch]
      const file = url.slice(url.lastIndexOf('/') + 1)
      const entry = known ?? { url, sha256: await releasedSum(`${url}.sha256`, file, signal, env) }
      return { name, version, entry }
    }),
  )
  return pinned.reduce((all, { name, version, entry }) => withPinned(all, { name, version }, { [arch]: entry }), pins)
}
