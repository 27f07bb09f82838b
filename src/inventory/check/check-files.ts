import { withoutAlias } from '../../model/host-paths/owned-paths.ts'
import { quote } from '../../model/names.ts'
import type { Finding, Source } from '../definitions.ts'
import type { ClusterDraft, HostDraft } from '../draft.ts'

/** A file that a host gets: who names it in the inventory, and its path on the host. */
interface Entry {
  readonly source: Source
  readonly written: string
  readonly path: string
}

/**
 * Finds two entries for one path under two names of its folder (/lib is /usr/lib), and a file at a path where another
 * one needs a folder. Otherwise the order of the entries would decide. An entry of a host for the very same path as one
 * of the cluster is fine: it replaces that one.
 */
export function checkFiles(cluster: ClusterDraft, hosts: readonly HostDraft[]): Finding[] {
  const shared = entriesOf(cluster)
  return [...clashes(shared, shared), ...hosts.flatMap((host) => clashesOf(entriesOf(host), shared))]
}

function clashesOf(own: readonly Entry[], shared: readonly Entry[]): Finding[] {
  const written = new Set(own.map((entry) => entry.written))
  return clashes(own, [...shared.filter((entry) => !written.has(entry.written)), ...own])
}

/**
 * What is wrong with each of these entries, together with everything that the host gets. Of two entries in one file,
 * the later one is reported.
 */
function clashes(entries: readonly Entry[], all: readonly Entry[]): Finding[] {
  const byPath = new Map(all.toReversed().map((entry) => [entry.path, entry]))
  return entries.flatMap((entry) => {
    const same = byPath.get(entry.path)
    const folder = foldersOf(entry.path).flatMap((path) => byPath.get(path) ?? [])[0]
    const inside =
      entry.source === folder?.source
        ? undefined
        : all.find(({ path, source }) => source !== entry.source && path.startsWith(`${entry.path}/`))
    if (same !== undefined && same !== entry) return [finding(entry, `the same file as ${nameOf(same)}`)]
    if (folder !== undefined) return [finding(entry, `a file in a folder that is itself a file: ${nameOf(folder)}`)]
    return inside === undefined ? [] : [finding(entry, `a file where ${nameOf(inside)} needs a folder`)]
  })
}

function entriesOf({ source, values }: ClusterDraft | HostDraft): readonly Entry[] {
  return Object.keys(values.files ?? {}).map((written) => ({ source, written, path: withoutAlias(written) }))
}

/** `/a/b/c` → `/a`, `/a/b`. */
function foldersOf(path: string): readonly string[] {
  return [...path.matchAll(/\//g)].flatMap(({ index }) => (index === 0 ? [] : [path.slice(0, index)]))
}

function nameOf({ source, written }: Entry): string {
  return `${source.subject} files[${quote(written)}]`
}

function finding({ source, written }: Entry, found: string): Finding {
  const why = 'the host can have only one of the two'
  return { source, path: ['files', written], part: 'key', code: 'file-twice', found, why, todo: 'keep one of them' }
}
