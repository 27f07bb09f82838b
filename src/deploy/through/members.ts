import { KeelError } from '../../errors.ts'
import type { Access } from '../../model/distribution/access.ts'
import { type Answers, arriving, type Remembered, serversSeen } from '../../plan/view/cluster-view.ts'
import { runningServer } from '../../plan/view/kubelet-change.ts'
import { checkedAnswer } from '../../probes/checked-answer.ts'
import { type ClusterMembers, clusterMembers } from '../../probes/cluster/cluster-members.ts'
import type { Transport } from '../../ssh/transport.ts'

/**
 * What the cluster knows. If hosts are new to the cluster, keel asks a running server for all of it. Otherwise it is
 * only for notes, and the facts of a server are enough.
 * @param transports by host
 * @throws KeelError `members-unknown` when hosts are new and a running server does not answer
 */
export async function askMembers(
  access: Access,
  seen: { readonly selected: Answers; readonly others: Answers },
  transports: ReadonlyMap<string, Transport>,
  signal?: AbortSignal,
): Promise<Remembered | undefined> {
  const servers = serversSeen(seen)
  const running = runningServer(servers)
  if (running === undefined) return undefined
  const at = running.host.name
  if (arriving(seen).length > 0) return { at, members: await membersOf(access, at, transports.get(at), signal) }
  return servers.flatMap(({ host, facts: { members } }) =>
    members === undefined ? [] : [{ at: host.name, members }],
  )[0]
}

async function membersOf(
  access: Access,
  host: string,
  transport: Transport | undefined,
  signal: AbortSignal | undefined,
): Promise<ClusterMembers> {
  if (transport === undefined) throw new Error(`${host} answered and is not connected`)
  const { exitCode, stdout, stderr } = await transport.run(clusterMembers.script(access), {
    name: 'members',
    ...(signal === undefined ? {} : { signal }),
  })
  if (exitCode === 0) return checkedAnswer(host, 'members', () => clusterMembers.parse(stdout))
  throw new KeelError({
    code: 'members-unknown',
    at: host,
    found: `its API did not list the nodes: ${stderr.trim().split('\n').at(-1)}`,
    why: 'a new host must not have a name that the cluster still knows from another machine',
    todo: `look at the API server of ${host}; without a quorum of servers nobody can join`,
  })
}
