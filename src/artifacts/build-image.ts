import { stat } from 'node:fs/promises'
import type { Artifact } from '../desired/host-state.ts'
import type { K3sVersion, Sha256 } from '../model/brands.ts'
import type { Env } from './env.ts'
import { makeKubernetesImage } from './kubernetes-image.ts'
import { localArtifact, otherImage } from './local-artifact.ts'
import { pinK3s } from './pin-k3s.ts'
import { kubernetesDownloads, pinKubernetes } from './pin-kubernetes.ts'
import { type PinKey, type Pins, pinnedArtifact, withPinnedImage } from './pins.ts'
import { writeImage } from './write-image.ts'

export interface BuildRequest extends PinKey {
  readonly name: 'k3s' | 'kubernetes'
  /** Only in the image of Kubernetes. */
  readonly cniVersion: string
  /** The file for the image. */
  readonly into: string
  readonly env: Env
  readonly signal: AbortSignal
}

export interface BuiltImage {
  readonly sha256: Sha256
  /** The number of bytes. */
  readonly size: number
  /** What is in it. */
  readonly of: readonly Artifact[]
  /** With the image, and what is in it. What was pinned before is the same. */
  readonly pins: Pins
}

/**
 * Makes a system extension image. What is pinned is taken and compared; the rest is pinned now.
 * @throws KeelError as `pinKubernetes`, `makeKubernetesImage`, `pinK3s`, `localArtifact`; `image-hash`
 */
export async function buildImage(pins: Pins, request: BuildRequest): Promise<BuiltImage> {
  const built = request.name === 'k3s' ? await buildK3s(pins, request) : await buildKubernetes(pins, request)
  return { ...built, size: (await stat(request.into)).size }
}

async function buildKubernetes(pins: Pins, request: BuildRequest): Promise<Omit<BuiltImage, 'size'>> {
  const { name, version, arch } = request
  const pinned = await pinKubernetes(pins, request, request)
  const of = kubernetesDownloads(request).map((one) => pinnedArtifact(pinned, one.name, one.version, arch))
  const versions = Object.fromEntries(of.map((one) => [one.name, one.version]))
  const before = pins.images?.[name]?.[version]?.[arch]
  const isSame = before !== undefined && of.every((one) => before.of[one.name] === one.version)
  const accept = (actual: Sha256) => {
    if (isSame && actual !== before.sha256) throw otherImage(request, actual, before.sha256)
  }
  const sha256 = await makeKubernetesImage(of, { ...request, accept })
  return { sha256, of, pins: withPinnedImage(pinned, { name, version }, { [arch]: { sha256, of: versions } }) }
}

async function buildK3s(pins: Pins, request: BuildRequest): Promise<Omit<BuiltImage, 'size'>> {
  const { arch, version, env, signal } = request
  const images = { archs: [arch], env }
  const pinned = await pinK3s(pins, { version: version as K3sVersion, archs: [arch], files: {}, images, env, signal })
  const { sysext, ...program } = pinnedArtifact(pinned, 'k3s', version, arch)
  if (sysext === undefined) throw new Error('keel has pinned k3s without its image')
  const { pieces } = await localArtifact({ from: program, form: 'sysext', sha256: sysext }, env, signal)
  return { sha256: await writeImage(pieces, request.into, { signal }), of: [program], pins: pinned }
}
