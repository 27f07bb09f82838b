import { mkdtemp, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Artifact } from '../desired/host-state.ts'
import { notWritten } from '../files/not-written.ts'
import type { Sha256 } from '../model/brands.ts'
import type { Arch } from '../model/cluster.ts'
import { type KubernetesProgram, kubernetesImage } from '../sysext/kubernetes-image.ts'
import type { Packed } from '../sysext/pieces.ts'
import { fetchArtifact } from './artifact-cache.ts'
import { packPlugins } from './cni-plugins.ts'
import type { Env } from './env.ts'
import { packFile } from './pack-file.ts'
import { CNI_ARTIFACT } from './pin-kubernetes.ts'
import { refuseNoProgram } from './program-arch.ts'
import { writeImage } from './write-image.ts'

export interface ImageRequest {
  readonly arch: Arch
  /** The file for the image. Its folder gets temporary files with as many bytes beside it. */
  readonly into: string
  /** Told the hash of the image before it is in place; throws if it is another one than wanted. */
  readonly accept?: (sha256: Sha256) => void
  readonly env: Env
  readonly signal?: AbortSignal | undefined
}

/**
 * Makes the image of Kubernetes: downloads what is in it, checks it, compresses it.
 * @param of kubelet, kubeadm, kubectl and the CNI plugins
 * @returns the hash of the image
 * @throws KeelError as `fetchArtifact` and `packPlugins`; `pin-program`, `artifact-arch` for what is no program of the
 * architecture; `not-written`
 */
export async function makeKubernetesImage(of: readonly Artifact[], request: ImageRequest): Promise<Sha256> {
  const { arch, into, env, signal } = request
  const kubelet = artifactOf(of, 'kubelet')
  const cni = artifactOf(of, CNI_ARTIFACT)
  let folder: string | undefined
  try {
    folder = await mkdtemp(join(dirname(into), `.${basename(into)}-`))
    const programs = {
      kubelet: await packProgram(kubelet, folder, request),
      kubeadm: await packProgram(artifactOf(of, 'kubeadm'), folder, request),
      kubectl: await packProgram(artifactOf(of, 'kubectl'), folder, request),
    } satisfies Record<KubernetesProgram, Packed>
    const archive = await fetchArtifact(cni, env, signal)
    const plugins = await packPlugins(archive.file, { folder, arch, signal, at: cni.url })
    const contents = { version: kubelet.version, cniVersion: cni.version, programs, plugins }
    return await writeImage(kubernetesImage(contents, arch), into, request)
  } catch (error) {
    throw notWritten(error, into)
  } finally {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true })
  }
}

async function packProgram(artifact: Artifact, folder: string, { arch, env, signal }: ImageRequest): Promise<Packed> {
  const local = await fetchArtifact(artifact, env, signal)
  await refuseNoProgram(local.file, arch, artifact.name)
  return packFile(local, join(folder, artifact.name), signal)
}

function artifactOf(of: readonly Artifact[], name: string): Artifact {
  const found = of.find((artifact) => artifact.name === name)
  if (found === undefined) throw new Error(`the image of Kubernetes is made without ${name}`)
  return found
}
