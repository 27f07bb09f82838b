import { KeelError } from '../errors.ts'
import type { HostName } from '../model/brands.ts'
import type { Host } from '../model/cluster.ts'
import { isNew } from '../plan/joining.ts'
import { type ClusterMembers, clusterMembers } from '../probes/cluster-members.ts'
import type { Facts } from '../probes/facts.ts'
import type { Surveyed } from './survey.ts'

/**
 * Finds out which new hosts come under a name that the cluster still knows from an earlier machine: k3s refuses them until that Node, its
 * password and a server's etcd member are gone (docs/lookalike.md, Nodes).
 * @returns for a host, the server on which that is to be done
 * @throws KeelError `members-unknown` when a running server does not answer
 */
export async function askMembers(
  servers: readonly Surveyed[],
  arriving: readonly Surveyed[],
  signal?: AbortSignal,
): Promise<(host: Host, facts: Facts) => { readonly forgetThrough?: HostName }> {
  const running = runningServer(servers)
  if (running === undefined || arriving.length === 0) return () => ({})
  const { nodes, passwords, etcd } = await membersOf(running, signal)
  return (host, facts) =>
    isNew(host, facts) && [...nodes, ...passwords, ...etcd].includes(host.name) ? { forgetThrough: running.host.name } : {}
}

/** A server through whose API things can be changed. */
export function runningServer(servers: readonly Surveyed[]): Surveyed | undefined {
  return servers.find(({ facts }) => facts.k3s.server && facts.unit.active === 'active')
}

async function membersOf({ host, transport }: Surveyed, signal: AbortSignal | undefined): Promise<ClusterMembers> {
  const { exitCode, stdout, stderr } = await transport.run(clusterMembers.script(), signal === undefined ? {} : { signal })
  if (exitCode === 0) return clusterMembers.parse(stdout)
  throw new KeelError({
    code: 'members-unknown',
    at: host.name,
    found: `its API does not say which nodes there are: ${stderr.trim().split('\n').at(-1)}`,
    why: 'a new host must not come under a name that the cluster still knows from another machine',
    todo: `look at k3s on ${host.name}; without a quorum of servers nobody can join`,
  })
}
