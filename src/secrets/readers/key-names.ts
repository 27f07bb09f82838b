import type { Cluster } from '../../model/cluster.ts'
import { stanzaLabel } from '../age/stanza-label.ts'
import type { KeyNames } from './staleness.ts'

/**
 * The owner of a key, found by what an age file shows of the key: `host maia`, or the unchanged label of a stranger.
 */
export function keyNames(cluster: Pick<Cluster, 'admins' | 'hosts'>): KeyNames {
  const holders = [
    ...cluster.admins.map(({ name, key }) => [`admin ${name}`, key] as const),
    ...cluster.hosts.flatMap(({ name, hostKey }) =>
      hostKey === undefined ? [] : [[`host ${name}`, hostKey] as const],
    ),
  ]
  // made on demand, because most commands read no age file
  let names: ReadonlyMap<string, string> | undefined
  return (label) => {
    names ??= new Map(holders.map(([name, key]) => [stanzaLabel(key) ?? key, name]))
    return names.get(label) ?? `${label} (not in the inventory)`
  }
}
