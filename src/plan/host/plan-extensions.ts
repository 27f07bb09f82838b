import type { FilesFacts } from '../../probes/facts.ts'
import type { FilesRendered, WantedExtension } from '../../targets/rendered.ts'
import type { Operation } from '../operation.ts'

/**
 * Whether systemd has to merge extensions anew: an image or a link changes, or all files are right and the program is
 * not there, or another one.
 * @param changes what happens to images and links
 */
export function planExtensions(
  { extensions, artifacts }: FilesRendered,
  { paths }: FilesFacts,
  changes: readonly Operation[],
): readonly Operation[] {
  const changed = new Set(changes.flatMap((change) => ('path' in change ? [change.path] : [])))
  const isMerged = ({ program }: WantedExtension) => {
    const state = paths[program.path]
    return state?.kind === 'file' && state.sha256 === program.sha256
  }
  const images = (name: string) => artifacts.filter((artifact) => artifact.name === name).map(({ path }) => path)
  const stale = extensions.filter(
    (extension) =>
      !isMerged(extension) || [extension.link, ...images(extension.name)].some((path) => changed.has(path)),
  )
  return stale.length === 0 ? [] : [{ op: 'merge-extensions', names: stale.map(({ name }) => name) }]
}

/** Where systemd-sysext looks for images. */
const links = /^\/etc\/extensions\/([^/]+)\.raw$/

/** What stays merged in /usr until systemd-sysext merges anew. @param removals of links, among others */
export function unmerges(removals: readonly Operation[]): readonly Operation[] {
  const names = removals.flatMap((removal) =>
    removal.op === 'remove-path' ? (links.exec(removal.path)?.[1] ?? []) : [],
  )
  return names.length === 0 ? [] : [{ op: 'unmerge-extensions', names }]
}
