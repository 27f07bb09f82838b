import type { Arch } from '../model/cluster.ts'
import { extensionImage, folder, textFile } from './extension.ts'
import { kubeadmDropIn, kubeletService, placeCniPlugins, upholdsKubelet, VOLUME_PLUGINS } from './kubernetes-units.ts'
import type { Packed, Piece } from './pieces.ts'

export const KUBERNETES_PROGRAMS = ['kubelet', 'kubeadm', 'kubectl'] as const
export type KubernetesProgram = (typeof KUBERNETES_PROGRAMS)[number]

export interface KubernetesContents {
  readonly version: string
  readonly cniVersion: string
  readonly programs: Readonly<Record<KubernetesProgram, Packed | Piece>>
  /** The CNI plugins, by name. */
  readonly plugins: Readonly<Record<string, Packed | Piece>>
}

/**
 * Kubernetes as kubeadm installs it, as a system extension: kubelet with its unit, kubeadm, kubectl, and the CNI
 * plugins. The paths are those of Flatcar's sysext-bakery, so that a host can change from its image to this one.
 */
export function kubernetesImage(
  { version, cniVersion, programs, plugins }: KubernetesContents,
  arch: Arch,
): readonly Piece[] {
  return extensionImage(
    { name: 'kubernetes', arch, form: 'lz4' },
    {
      bin: folder(executables(programs)),
      libexec: folder({
        kubernetes: folder({
          'kubelet-plugins': folder({ volume: folder({ exec: { kind: 'link', target: VOLUME_PLUGINS } }) }),
          'place-cni-plugins': textFile(placeCniPlugins, 0o755),
        }),
      }),
      local: folder({
        bin: folder({ cni: folder(executables(plugins)) }),
        share: folder({
          'kubernetes-cni-version': textFile(`${cniVersion}\n`),
          'kubernetes-version': textFile(`${version}\n`),
        }),
      }),
    },
    {
      systemd: folder({
        system: folder({
          'kubelet.service': textFile(kubeletService),
          'kubelet.service.d': folder({ '10-kubeadm.conf': textFile(kubeadmDropIn) }),
          'multi-user.target.d': folder({ '10-kubelet-service.conf': textFile(upholdsKubelet) }),
        }),
      }),
    },
  )
}

function executables(contents: Readonly<Record<string, Packed | Piece>>) {
  return Object.fromEntries(
    Object.entries(contents).map(([name, content]) => [name, { kind: 'file', mode: 0o755, content } as const]),
  )
}
