import type { WantedNode } from '../../desired/host-state.ts'
import type { HostName } from '../../model/brands.ts'
import type { Facts } from '../../probes/facts.ts'
import { type OwnedMarks, taintsById } from '../../probes/node/node-marks.ts'
import type { Operation } from '../operation.ts'

type LabelNode = Extract<Operation, { op: 'label-node' }>

/** What the inventory says of a Node. */
type Marked = Pick<WantedNode, 'name' | 'labels' | 'taints'>

/** What a server knows of a Node: which labels and taints are keel's own there. */
export interface NodeRecord {
  /** The server; its API changes them, too. */
  readonly through: HostName
  /** Absent where nothing was ever recorded. */
  readonly owned?: OwnedMarks
}

/**
 * What has to change on a host's Node, which k3s gives labels and taints only when it registers. Those that neither the
 * inventory names nor keel's record on the servers belong to others and stay, no matter what the host answers. Pure.
 */
export function planNode(
  { name, labels, taints }: Marked,
  { node }: Facts,
  { through, owned: before }: NodeRecord,
): readonly LabelNode[] {
  if (node === undefined) return []
  const wantedTaints = taintsById(taints)
  const owned = marksOf({ labels, taints })
  const change = {
    labels: changes(labels, node.labels, before?.labels ?? [], (key, value) => `${key}=${value}`),
    taints: changes(wantedTaints, node.taints, before?.taints ?? [], (_, taint) => taint),
  }
  const isKnown = sameMarks(owned, before ?? { labels: [], taints: [] })
  if (isKnown && change.labels.length === 0 && change.taints.length === 0) return []
  return [{ op: 'label-node', node: name, through, ...change, owned }]
}

/**
 * Whether a server has to be asked about the Node of a host, by what the host says of it. A host without an answer has
 * the labels of its registration.
 */
export function mayDiffer(wanted: Marked, facts: Facts): boolean {
  const owned = facts.node?.owned ?? marksOf(wanted)
  return planNode(wanted, facts, { through: wanted.name, owned }).length > 0
}

/** Keys of what the inventory gives to a host's Node. */
export function marksOf({ labels, taints }: Pick<Marked, 'labels' | 'taints'>): OwnedMarks {
  return { labels: Object.keys(labels).toSorted(), taints: Object.keys(taintsById(taints)).toSorted() }
}

function sameMarks(a: OwnedMarks, b: OwnedMarks): boolean {
  return sameKeys(a.labels, b.labels) && sameKeys(a.taints, b.taints)
}

/** As kubectl takes them: what is set, then what is removed, with a `-` behind it. */
function changes(
  wanted: Readonly<Record<string, string>>,
  held: Readonly<Record<string, string>>,
  owned: readonly string[],
  written: (key: string, value: string) => string,
): readonly string[] {
  const set = Object.entries(wanted).filter(([key, value]) => held[key] !== value)
  const dropped = [...new Set(owned)].filter((key) => Object.hasOwn(held, key) && !Object.hasOwn(wanted, key))
  return [...set.map(([key, value]) => written(key, value)), ...dropped.map((key) => `${key}-`)]
}

function sameKeys(a: readonly string[], b: readonly string[]): boolean {
  return new Set(a).symmetricDifference(new Set(b)).size === 0
}
