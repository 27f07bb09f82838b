import type { WantedFile } from '../../desired/host-state.ts'
import type { HostName } from '../../model/brands.ts'
import type { Host } from '../../model/cluster.ts'
import { eachPart } from '../../parts/by-part.ts'
import type { KnowsNodes } from '../../parts/part.ts'
import type { FilesRendered } from '../../targets/rendered.ts'
import { differenceOfFile } from '../host/plan-host.ts'
import { arriving, type ClusterView, type SeenHost } from './cluster-view.ts'

/** A host that can be told of new nodes. */
export interface AdmittingHost extends SeenHost {
  readonly rendered: FilesRendered
}

/**
 * The hosts that have to know of new nodes before those come: a firewall lets none in that it does not name, and an
 * etcd member that can't reach the others joins nothing; a server that hears no VRRP from the others, as they do not
 * know it, takes the cluster's address beside them. Pure.
 */
export function admissionsOf(view: ClusterView): readonly AdmittingHost[] {
  if (arriving(view).length === 0) return []
  return [...view.selected.seen, ...view.others.seen].filter(mustAdmit)
}

/**
 * Whether a host has rules or VRRP peers of keel's, and others than the inventory's. One that has none yet lets
 * everybody in.
 */
export function mustAdmit(one: SeenHost): one is AdmittingHost {
  const { rendered, facts } = one
  // a built system learns of them by its own deploy alone
  if (rendered.kind === 'system' || facts.kind === 'system') return false
  return nodeFiles(rendered).some(({ file }) => {
    const state = facts.paths[file.path]
    return state?.kind === 'file' && differenceOfFile(file, state) === 'content'
  })
}

/** Hosts out of the deploy that let new nodes in: they are in the plan of the new host that comes first. */
export function admitThrough(view: ClusterView, { name }: Host): readonly HostName[] {
  if (arriving(view)[0]?.host.name !== name) return []
  const selected = new Set(view.selected.seen.map(({ host }) => host.name))
  return admissionsOf(view).flatMap(({ host }) => (selected.has(host.name) ? [] : [host.name]))
}

/** The files that name other nodes, each with the way to have it read. */
export function nodeFiles({ parts, files }: FilesRendered): readonly (KnowsNodes & { readonly file: WantedFile })[] {
  return eachPart(parts, (part, placed) => {
    const knows = part.knowsNodes?.(placed)
    const file = files.find(({ path }) => path === knows?.path)
    return knows === undefined || file === undefined ? [] : [{ ...knows, file }]
  })
}
