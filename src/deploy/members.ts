import { KeelError } from '../errors.ts'
import type { Surveyed } from '../fleet/survey.ts'
import type { HostName } from '../model/brands.ts'
import type { Host } from '../model/cluster.ts'
import { isNew } from '../plan/joining.ts'
import { checkedAnswer } from '../probes/checked-answer.ts'
import { type ClusterMembers, clusterMembers } from '../probes/cluster-members.ts'
import type { Facts } from '../probes/facts.ts'

/** What the cluster remembers of its hosts, and the server that says so. */
export interface Remembered {
  readonly at: HostName
  readonly members: ClusterMembers
}

/**
 * What the cluster remembers. Where hosts are new to the cluster a running server is asked for all of it; else it is for notes, and what a server has said
 * with its facts is enough.
 * @throws KeelError `members-unknown` when hosts are new and a running server does not answer
 */
export async function askMembers(
  servers: readonly Surveyed[],
  arriving: readonly Surveyed[],
  signal?: AbortSignal,
): Promise<Remembered | undefined> {
  const running = runningServer(servers)
  if (running === undefined) return undefined
  if (arriving.length > 0) return { at: running.host.name, members: await membersOf(running, signal) }
  return servers.flatMap(({ host, facts: { members } }) => (members === undefined ? [] : [{ at: host.name, members }]))[0]
}

/**
 * Whether a new host comes under a name that the cluster still knows from an earlier machine: k3s refuses it until that Node, its password and a server's
 * etcd member are gone (docs/k3s.md, Nodes).
 * @returns the server on which that is to be done
 */
export function forgetThrough(
  remembered: Remembered | undefined,
  host: Host,
  facts: Facts,
): { readonly forgetThrough?: HostName } {
  if (remembered === undefined || !isNew(host, facts)) return {}
  const { nodes, passwords, etcd } = remembered.members
  return [...nodes, ...passwords, ...etcd].includes(host.name) ? { forgetThrough: remembered.at } : {}
}

/** A server through whose API things can be changed. */
export function runningServer(servers: readonly Surveyed[]): Surveyed | undefined {
  return servers.find(({ facts }) => facts.k3s.server && facts.unit.active === 'active')
}

async function membersOf({ host, transport }: Surveyed, signal: AbortSignal | undefined): Promise<ClusterMembers> {
  const { exitCode, stdout, stderr } = await transport.run(clusterMembers.script(), signal === undefined ? {} : { signal })
  if (exitCode === 0) return checkedAnswer(host.name, 'members', () => clusterMembers.parse(stdout))
  throw new KeelError({
    code: 'members-unknown',
    at: host.name,
    found: `its API does not say which nodes there are: ${stderr.trim().split('\n').at(-1)}`,
    why: 'a new host must not come under a name that the cluster still knows from another machine',
    todo: `look at k3s on ${host.name}; without a quorum of servers nobody can join`,
  })
}
