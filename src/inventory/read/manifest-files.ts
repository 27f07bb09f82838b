import { isManifestUrl, MOST_MANIFEST_SOURCES, parseManifestSource } from '../../model/kubeadm/manifest-source.ts'
import { valueAt } from '../../model/schema/value-at.ts'
import type { ManifestFiles } from '../definitions.ts'
import { readText } from './inventory-text.ts'

/**
 * Reads the files that hosts/cluster names in `cni.manifests`. What is no path of an inventory is not touched: the check
 * of the definition reports it.
 * @param input hosts/cluster, unchecked
 */
export function readManifestFiles(directory: string, input: unknown): ManifestFiles {
  const named = valueAt(input, ['cni', 'manifests'])
  const sources: readonly unknown[] = Array.isArray(named) ? named.slice(0, MOST_MANIFEST_SOURCES) : []
  return new Map(sources.filter(isPath).map((path) => [path, readText(directory, path)]))
}

function isPath(source: unknown): source is string {
  if (typeof source !== 'string' || isManifestUrl(source)) return false
  try {
    parseManifestSource(source)
    return true
  } catch {
    return false
  }
}
