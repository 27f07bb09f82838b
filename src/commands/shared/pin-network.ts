import { pinManifests } from '../../artifacts/network-manifests.ts'
import { ExitCode, KeelError } from '../../errors.ts'
import { manifestIssues } from '../../inventory/check/check-manifests.ts'
import type { Kubeadm } from '../../model/distribution/distribution.ts'
import { manifestUrls } from '../../model/kubeadm/manifest-source.ts'
import type { Pinning } from './change-pins.ts'
import type { Io } from './command.ts'

/**
 * The manifests of a network that come from a URL. The programs of Kubernetes are pinned with their image. Pinning throws
 * KeelError `manifest-fetch`, `manifest-text`.
 */
export function networkPinning(distribution: Kubeadm, { env, signal }: Pick<Io, 'env' | 'signal'>): Pinning {
  const urls = manifestUrls(distribution)
  return {
    pin: (pins) => pinManifests(pins, urls, { accept: refuseNoManifest, env, signal }),
    lines: ({ manifests }) => urls.map((url) => `${url}: ${manifests?.[url]?.sha256 ?? ''}`),
  }
}

function refuseNoManifest(url: string, text: string): void {
  const [issue] = manifestIssues(text)
  if (issue === undefined) return
  throw new KeelError({
    code: 'manifest-text',
    at: url,
    found: issue.found,
    why: issue.why ?? 'servers could not apply it',
    todo: 'check the address in a browser: it must be that of the text itself, and not of a page about it',
  })
}

/** For what is no part of `keel pin` in a cluster of kubeadm. */
export function pinnedWithImage(version: string): KeelError {
  return new KeelError({
    code: 'pin-kubeadm',
    found: '`keel pin` pins k3s, and this cluster is of kubeadm',
    why: 'the programs of Kubernetes are pinned together with the image that keel makes of them',
    todo: `run \`keel sysext build kubernetes ${version}\` here`,
    exit: ExitCode.Usage,
  })
}
