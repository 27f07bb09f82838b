import type { Host } from '../../model/cluster.ts'
import { staleness } from '../readers/staleness.ts'
import { readSecretFile } from '../snapshot.ts'
import type { Store } from '../store.ts'

/**
 * For each of the hosts whose key is not among those that a secret of it is encrypted to, a warning: the key is new, or
 * the host. The files themselves tell, so this needs no private key and no record.
 * @throws KeelError like `readSecretFile`
 */
export async function unreadableSecrets(store: Store, hosts: readonly Host[]): Promise<readonly string[]> {
  const names = new Set<string>(hosts.map(({ name }) => name))
  const unread = new Map<string, string[]>()
  for (const rule of store.cluster.secrets) {
    if (!rule.readers.some(({ kind, name }) => kind === 'host' && names.has(name))) continue
    const state = staleness(rule, await readSecretFile(store.directory, rule.file), undefined, store.nameOf)
    if (state.kind !== 'stale') continue
    for (const { kind, name } of state.missing)
      if (kind === 'host' && names.has(name)) unread.set(name, [...(unread.get(name) ?? []), rule.name])
  }
  return [...unread].map(
    ([host, secrets]) => `${host}: its hostKey cannot decrypt ${secrets.join(', ')}; run \`keel rekey\``,
  )
}
