import type { HostName } from '../model/brands.ts'
import type { Host } from '../model/cluster.ts'
import type { Facts } from '../probes/facts.ts'
import { type OwnedMarks, taintsById } from '../probes/node-marks.ts'
import type { Operation } from './operation.ts'

type LabelNode = Extract<Operation, { op: 'label-node' }>

/**
 * What has to change on a host's Node, which k3s gives labels and taints only when it registers. Those that neither the inventory names nor named
 * before are somebody else's, and stay. Pure.
 * @param through the server on which that is to be done
 */
export function planNode({ name, labels, taints }: Host, { node }: Facts, through: HostName): readonly LabelNode[] {
  if (node === undefined) return []
  const wantedTaints = taintsById(taints)
  const before = node.owned
  const owned: OwnedMarks = { labels: Object.keys(labels).toSorted(), taints: Object.keys(wantedTaints).toSorted() }
  const change = {
    labels: changes(labels, node.labels, before?.labels ?? [], (key, value) => `${key}=${value}`),
    taints: changes(wantedTaints, node.taints, before?.taints ?? [], (_, taint) => taint),
  }
  const isKnown = before === undefined || (sameKeys(owned.labels, before.labels) && sameKeys(owned.taints, before.taints))
  if (isKnown && change.labels.length === 0 && change.taints.length === 0) return []
  return [{ op: 'label-node', node: name, through, ...change, owned }]
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
