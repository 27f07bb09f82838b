import type { Cluster, Host, SecretRule } from '../../model/cluster.ts'
import { isSecretRef } from '../../model/secret-ref.ts'

/**
 * Hosts that may read a secret and do not use it. keel knows this only for secrets that the inventory refers to,
 * because it can't see what the host's own configuration does with others.
 */
export function unneededReaders(
  cluster: Cluster,
): readonly { readonly rule: SecretRule; readonly hosts: readonly Host[] }[] {
  return cluster.secrets.flatMap((rule) => {
    const users = new Set(
      cluster.hosts
        .filter((host) => refersTo([host.k3s, host.registries, host.systemdKubelet], rule.name))
        .map(({ name }) => name),
    )
    if (users.size === 0) return []
    const hosts = cluster.hosts.filter(
      ({ name }) => !users.has(name) && rule.readers.some((reader) => reader.kind === 'host' && reader.name === name),
    )
    return hosts.length === 0 ? [] : [{ rule, hosts }]
  })
}

function refersTo(value: unknown, secret: string): boolean {
  if (isSecretRef(value)) return value.secret === secret
  return typeof value === 'object' && value !== null && Object.values(value).some((inner) => refersTo(inner, secret))
}
