import { mkdtemp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cachedFile } from '../../artifacts/artifact-cache.ts'
import { buildImage } from '../../artifacts/build-image.ts'
import { cacheDirectory } from '../../artifacts/cache-directory.ts'
import type { Env } from '../../artifacts/env.ts'
import { mirrored, mirroredFrom } from '../../artifacts/mirror.ts'
import { ownBinary } from '../../artifacts/own-binary.ts'
import { CNI_VERSION, kubernetesDownloads } from '../../artifacts/pin-kubernetes.ts'
import { noPins, type Pins, withPinned } from '../../artifacts/pins.ts'
import type { LabOf } from '../../lab/description.ts'

/**
 * The Kubernetes of a lab, pinned: its programs as files of this machine, and the image that keel makes of them. keel
 * makes the image to know its hash, and keeps it for the deploy.
 */
export async function labKubernetes(
  { version, arch, releases }: LabOf<'kubeadm'>['kubernetes'],
  env: Env,
  signal: AbortSignal,
): Promise<Pins> {
  const key = { version, arch, cniVersion: CNI_VERSION }
  let pins: Pins = noPins
  for (const { name, version, url } of kubernetesDownloads(key)) {
    const file = fileURLToPath(mirrored(url, mirroredFrom(env, releases)))
    pins = withPinned(pins, { name, version }, { [arch]: await ownBinary(file) })
  }
  const folder = await mkdtemp(join(cacheDirectory(env), 'image-'))
  try {
    const into = join(folder, 'kubernetes.raw')
    const built = await buildImage(pins, { ...key, name: 'kubernetes', into, env, signal })
    await cachedFile(env, built.sha256, (file) => rename(into, file))
    return built.pins
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
