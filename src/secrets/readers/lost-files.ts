import type { Cluster } from '../../model/cluster.ts'
import { readStanzas } from '../age/file.ts'
import { isUnnamed, stanzaLabel } from '../age/stanza-label.ts'

/**
 * Whether a file is encrypted only to strangers. Then nobody in the inventory can encrypt it again. Needs no private
 * key.
 * @throws BadAgeFile
 */
export function isLost(cluster: Pick<Cluster, 'admins' | 'hosts'>, file: Uint8Array): boolean {
  const keys = [...cluster.admins.map(({ key }) => key), ...cluster.hosts.flatMap(({ hostKey }) => hostKey ?? [])]
  const known = new Set(keys.map(stanzaLabel))
  // a stanza for an age1 recipient does not show the recipient
  return readStanzas(file).every(({ args: [type = '', tag = ''] }) => !isUnnamed(type) && !known.has(`${type} ${tag}`))
}
