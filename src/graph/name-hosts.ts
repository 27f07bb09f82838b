import type { Cluster, Host, Role } from '../model/cluster.ts'

/** Names for one place of a picture. More are counted, because a picture of 200 hosts must stay readable. */
const MOST_NAMES = 3

/** Hosts in a few words: `all hosts`, `servers`, `maia, ocean`, `17 of 197 agents`. */
export function nameHosts(cluster: Cluster, hosts: readonly Host[]): readonly string[] {
  if (hosts.length === cluster.hosts.length) return ['all hosts']
  return (['server', 'agent'] as const).flatMap((role) => {
    const some = hosts.filter((host) => host.role === role).map(({ name }) => name)
    return some.length === 0 ? [] : [nameSome(some, cluster.hosts.filter((host) => host.role === role).length, role)]
  })
}

function nameSome(names: readonly string[], all: number, role: Role): string {
  if (names.length === all) return `${role}s`
  return names.length > MOST_NAMES ? `${names.length} of ${all} ${role}s` : names.join(', ')
}

/** Names in a few words: `ada, ben, cleo and 4 more`. */
export function nameFew(names: readonly string[]): string {
  const more = names.length - MOST_NAMES
  return more > 1 ? `${names.slice(0, MOST_NAMES).join(', ')} and ${more} more` : names.join(', ')
}
