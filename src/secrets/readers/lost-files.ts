import type { Cluster } from '../../model/cluster.ts'
import { readStanzas } from '../age/file.ts'
import { isUnnamed, stanzaLabel } from '../age/stanza-label.ts'

/**
 * Is a file encrypted to strangers only? Then nobody in the inventory can encrypt it anew. Needs no private key;
 * @throws BadAgeFile
 */
export function isLost(cluster: Pick<Cluster, 'admins' | 'hosts'>, file: Uint8Array): boolean {
  const keys = [...cluster.admins.map(({ key }) => key), ...cluster.hosts.flatMap(({ hostKey }) => hostKey ?? [])]
  const known = new Set(keys.map(stanzaLabel))
  // an age1 recipient does not show whose it is
  return readStanzas(file).every(({ args: [type = '', tag = ''] }) => !isUnnamed(type) && !known.has(`${type} ${tag}`))
}
