import { serversOf } from '../../desired/servers-of.ts'
import type { Fault } from '../../errors.ts'
import type { Cluster, Host } from '../../model/cluster.ts'
import type { Facts } from '../../probes/facts.ts'
import type { HostNote, HostPlan } from '../plan.ts'

/** What is known of a cluster's servers when some of them do not answer. */
export interface Reached {
  readonly cluster: Cluster
  /** Every server that answered. */
  readonly servers: readonly { readonly host: Host; readonly facts: Facts }[]
  /** Names of hosts that did not answer. */
  readonly silent: readonly string[]
  /** Names with an etcd member, where a server could be asked. */
  readonly members?: readonly string[]
}

/**
 * What forbids to deploy the hosts that answer without those that do not: nobody may found a cluster that may be there already, and without a majority of
 * the servers no host would become healthy. Agents alone can be left out always. Pure.
 */
export function withoutHosts(reached: Reached): readonly Fault[] {
  const { cluster, servers, silent } = reached
  const [off] = serversOf(cluster).filter(({ name }) => silent.includes(name))
  if (off === undefined) return []
  if (!servers.some(({ facts }) => facts.k3s.server)) {
    return [
      {
        code: 'skip-founder',
        at: off.name,
        found: "it can't be reached, and no server that can has the cluster's data",
        why: 'it may have that data, or has to found the cluster: another server would found a second one',
        todo: 'bring it up, then deploy again',
      },
    ]
  }
  const { up, all, majority } = quorum(reached)
  if (up >= majority) return []
  return [
    {
      code: 'skip-quorum',
      at: off.name,
      found: `it can't be reached, and ${up} of ${all} servers run`,
      why: `etcd needs ${majority} of ${all}: without them the API does not answer, and no host would become healthy`,
      todo: 'bring it up, then deploy again',
    },
  ]
}

/** With no server to spare, each restart of one stops the API for a moment. Pure. */
export function noServerToSpare(reached: Reached, plans: readonly HostPlan[]): readonly HostNote[] {
  const [off] = serversOf(reached.cluster).filter(({ name }) => reached.silent.includes(name))
  const restarted = plans.find(
    ({ role, operations }) => role === 'server' && operations.some(({ op }) => op === 'restart-unit' || op === 'switch-system'),
  )
  const { up, all, majority } = quorum(reached)
  if (off === undefined || restarted === undefined || up !== majority || all === 1) return []
  return [
    {
      code: 'no-server-to-spare',
      at: restarted.host,
      found: `its k3s restarts while ${off.name} can't be reached`,
      why: `etcd needs ${majority} of ${all} servers: the API does not answer until it is back`,
      todo: `bring ${off.name} up first where that matters`,
    },
  ]
}

/** A silent server counts as a member, unless etcd says that it is none. */
function quorum({ cluster, servers, silent, members }: Reached): {
  readonly up: number
  readonly all: number
  readonly majority: number
} {
  const isMember = (name: string) => members === undefined || members.length === 0 || members.includes(name)
  const living = servers.filter(({ facts }) => facts.k3s.server)
  const absent = serversOf(cluster).filter(({ name }) => silent.includes(name) && isMember(name))
  const all = living.length + absent.length
  return { up: living.filter(({ facts }) => facts.unit.active === 'active').length, all, majority: Math.floor(all / 2) + 1 }
}
