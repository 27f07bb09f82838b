import { ExitCode, KeelError } from '../../../errors.ts'
import type { Manifest, Networks } from '../../../model/cluster.ts'
import type { Cni, ManifestSource } from '../../../model/distribution/distribution.ts'
import { manifestOf } from '../../../model/kubernetes/manifest-text.ts'
import { flannelManifest } from './flannel/flannel-manifest.ts'

/**
 * The network of Pods, as files that each server applies in the order of their names.
 * @param fetched the texts of URLs
 * @throws KeelError `not-pinned` (exit 2) for a URL that is not among them
 */
export function networkManifests(
  cni: Cni,
  networks: Networks,
  fetched: ReadonlyMap<string, string>,
): readonly Manifest[] {
  switch (cni.kind) {
    case 'none':
      return []
    case 'flannel':
      return [manifestOf('keel-flannel.yaml', flannelManifest({ networks }))]
    case 'manifests':
      return cni.sources.map((source, index) => ({ name: nameOf(source, index), content: textOf(source, fetched) }))
  }
}

/** kubectl reads JSON in a file of this name, too. */
function nameOf(source: ManifestSource, index: number): string {
  const path = source.kind === 'file' ? source.path : new URL(source.url).pathname
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/\.(ya?ml|json)$/, '')
  const plain = name.replaceAll(/[^A-Za-z0-9._-]+/g, '-').slice(0, 60)
  return `keel-cni-${String(index + 1).padStart(2, '0')}-${plain}.yaml`
}

function textOf(source: ManifestSource, fetched: ReadonlyMap<string, string>): string {
  if (source.kind === 'file') return source.content
  const text = fetched.get(source.url)
  if (text === undefined) throw manifestNotPinned(source.url)
  return text
}

function manifestNotPinned(url: string): KeelError {
  return new KeelError({
    code: 'not-pinned',
    at: 'keel.lock.json',
    found: `no hash of ${url}`,
    why: 'servers apply a manifest with all rights in the cluster, so keel takes only the text that you have pinned',
    todo: 'run `keel pin`',
    exit: ExitCode.Usage,
  })
}
