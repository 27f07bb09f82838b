import { ExitCode, KeelError } from '../../errors.ts'
import type { Distribution } from '../distribution/distribution.ts'
import { isPathBelowInventory } from '../host-paths/path-below-inventory.ts'
import { quote } from '../names.ts'

/** keel numbers the files, and their names sort by two digits. */
export const MOST_MANIFEST_SOURCES = 99

/**
 * Where a manifest comes from: an `https:` URL, or a file of the inventory.
 * @throws KeelError `manifest-source` (exit 2)
 */
export function parseManifestSource(text: string): string {
  if (isManifestUrl(text)) {
    const url = URL.canParse(text) ? new URL(text) : undefined
    if (url?.protocol !== 'https:')
      throw refused(quote(text), 'a manifest comes from a file of the inventory or an https: URL')
    if (url.username !== '' || url.password !== '')
      throw refused('the URL', 'the inventory must not contain a password')
    if (/[?#]/.test(text))
      throw refused('a URL with ? or #', 'a token in it would be in git, and a mirror finds a file by its path alone')
    return text
  }
  if (!isPathBelowInventory(text))
    throw refused(quote(text), 'the path of a file is below the inventory: manifests/calico.yaml')
  return text
}

/** Whether a source is meant to be a URL, and not a file. */
export function isManifestUrl(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:/i.test(text)
}

/** The URLs of the manifests of a network, in their order. */
export function manifestUrls(distribution: Distribution): readonly string[] {
  if (distribution.kind !== 'kubeadm' || distribution.cni.kind !== 'manifests') return []
  return distribution.cni.sources.flatMap((source) => (source.kind === 'url' ? [source.url] : []))
}

function refused(what: string, why: string): KeelError {
  return new KeelError({
    code: 'manifest-source',
    found: `${what} can't be the source of a manifest`,
    why,
    exit: ExitCode.Usage,
  })
}
