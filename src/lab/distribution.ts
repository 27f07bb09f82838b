import { basename } from 'node:path'
import type { DistributionKind } from '../model/distribution/distribution.ts'
import type { Artifact, Lab, LabHost, LabOf } from './description.ts'
import { type HostIdentity, k3sFiles, kubeadmDirectories, kubeadmFiles } from './host/host-files.ts'
import { pauseImage, tinyImage } from './images/containerd-config.ts'
import { ensureImages } from './images/images.ts'
import { k3sOptionsFor } from './k3s/k3s-options.ts'
import { k3sForLab, machineArch } from './k3s/k3s-source.ts'
import { ensureTiny } from './k3s/lookalike.ts'
import { ensureKubernetes, type Kubernetes } from './kubernetes/kubernetes.ts'
import { ensureKubernetesImages } from './kubernetes/kubernetes-images.ts'
import { cgroupVersion } from './machine/cgroups.ts'
import { thisMachine } from './machine/requirements.ts'
import type { RootFile } from './root/root-spec.ts'
import type { Work } from './work.ts'

/** What a distribution brings to the hosts of a lab. It is built while other parts of the lab are, too. */
export interface LabDistribution {
  /** For the hosts that act as NixOS machines; undefined if the distribution is another one. */
  readonly k3s: Promise<Artifact> | undefined
  /** @param root the root of all hosts. @returns undefined if the hosts get no images */
  readonly images: (root: Promise<string>) => Promise<HostImages | undefined>
  readonly host: (host: HostIdentity & Pick<LabHost, 'os'>) => Promise<{
    readonly files: readonly RootFile[]
    readonly directories: readonly string[]
  }>
  /** Its part of lab.json. */
  readonly description: () => Promise<
    Pick<LabOf<'k3s'>, 'distribution' | 'k3s' | 'k3sOptions'> | Pick<LabOf<'kubeadm'>, 'distribution' | 'kubernetes'>
  >
}

/** An archive of container images for every host. */
interface HostImages {
  readonly path: string
  readonly tags: Lab['images']
}

/** Starts what has to be built for the distribution. */
export function labDistribution(kind: DistributionKind, work: Work): LabDistribution {
  return kind === 'k3s' ? ofK3s(k3sForLab(work), work) : ofKubeadm(ensureKubernetes(work), work)
}

function ofK3s(k3s: Promise<Artifact>, work: Work): LabDistribution {
  return {
    k3s,
    async images() {
      const path = await imagesIfGo(work)
      return path === undefined ? undefined : { path, tags: [pauseImage, tinyImage] }
    },
    host: async (host) => ({ files: k3sFiles(host), directories: [] }),
    async description() {
      const program = await k3s
      return { distribution: 'k3s', k3s: program, k3sOptions: k3sOptionsFor(program, cgroupVersion()) }
    },
  }
}

function ofKubeadm(kubernetes: Promise<Kubernetes>, work: Work): LabDistribution {
  return {
    k3s: undefined,
    images: async (root) => {
      const built = await kubernetes
      return ensureKubernetesImages(built, { root: await root, tiny: await ensureTiny(work), arch: machineArch() })
    },
    host: async (host) => ({ files: kubeadmFiles(host, pauseOf(await kubernetes)), directories: kubeadmDirectories }),
    async description() {
      const { version, releases, flannel } = await kubernetes
      return { distribution: 'kubeadm', kubernetes: { version, arch: machineArch(), releases, flannel } }
    },
  }
}

function pauseOf({ images }: Kubernetes): string {
  const pause = images.find((tag) => basename(tag).startsWith('pause:'))
  if (pause === undefined) throw new Error('kubeadm lists no image for the first process of a Pod')
  return pause
}

/**
 * Without Go, a lab with a named or released k3s still boots. Its nodes become Ready, but there is no image for Pods.
 */
async function imagesIfGo(work: Work): Promise<string | undefined> {
  if (!thisMachine(work.env).has('go')) {
    work.note('no Go on this machine: the hosts get no container images, so no Pod can start in this lab')
    return undefined
  }
  return ensureImages(await ensureTiny(work), machineArch(), work.cache)
}
