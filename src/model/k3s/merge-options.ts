import type { K3sValue, Role } from '../cluster.ts'
import { type Flag, k3sFlags } from './k3s-flags.ts'
import { isSame } from './read-option.ts'

type Options = Readonly<Record<string, K3sValue>>

/**
 * The options of k3s for one host: those of the cluster that its role knows, and its own. If both set an option, the
 * value of the host wins. Of two lists, all entries apply. There is one exception: an entry of the cluster does not
 * apply if the host has an entry for the same thing.
 */
export function mergeOptions(cluster: Options, host: Options, role: Role): Record<string, K3sValue> {
  const merged: Record<string, K3sValue> = {}
  for (const [name, value] of [...Object.entries(cluster), ...Object.entries(host)]) {
    const flag = k3sFlags[role].get(name)
    // `k3s agent` exits because of an option that only servers know
    if (flag === undefined) continue
    const first = merged[name]
    merged[name] = isList(first) && isList(value) ? mergeLists(flag, first, value) : value
  }
  return merged
}

function mergeLists({ kind }: Flag, cluster: readonly string[], host: readonly string[]): readonly string[] {
  const isOverridden = (entry: string) =>
    host.some((own) => (kind === undefined ? own === entry : isSame(kind, own, entry)))
  return [...cluster.filter((entry) => !isOverridden(entry)), ...host]
}

function isList(value: K3sValue | undefined): value is readonly string[] {
  return Array.isArray(value)
}
