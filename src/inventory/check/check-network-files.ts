import { isManifestUrl } from '../../model/kubeadm/manifest-source.ts'
import type { Finding } from '../definitions.ts'
import type { People } from '../people.ts'

/** The files of `cni.manifests` must be there, and texts. Their YAML is checked with other manifests. */
export function checkNetworkFiles({ cluster: { source, values }, manifestFiles }: People): Finding[] {
  return networkFilesOf(values.cni).flatMap(({ path, index }): Finding[] => {
    const file = manifestFiles.get(path)
    if (typeof file === 'string') return []
    const place = { source, path: ['cni', 'manifests', index] }
    if (file === undefined) return [{ ...place, code: 'inventory-read', found: `${path}: it was not read` }]
    const { code, at, found, why, todo } = file
    return [
      {
        ...place,
        code,
        found: `${at}: ${found}`,
        ...(why === undefined ? {} : { why }),
        ...(todo === undefined ? {} : { todo }),
      },
    ]
  })
}

/** The files among the sources of a network, each with its place there. */
export function networkFilesOf(cni: People['cluster']['values']['cni']): readonly { path: string; index: number }[] {
  const sources = typeof cni === 'object' ? cni.manifests : []
  return sources.flatMap((path, index) => (isManifestUrl(path) ? [] : [{ path, index }]))
}
