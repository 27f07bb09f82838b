import type { Fault } from '../../errors.ts'
import { serversOf } from '../../model/servers-of.ts'
import { nodeRuns } from '../host/service-state.ts'
import { type ClusterView, serversSeen } from '../view/cluster-view.ts'

/**
 * What forbids to deploy the hosts that answered without those that did not: nobody may found a cluster that may be
 * there already, and without a majority of the servers no host would become healthy. Agents alone can be left out
 * always. Pure.
 */
export function withoutHosts(view: ClusterView): readonly Fault[] {
  const silent = silentNames(view)
  const [off] = serversOf(view.cluster).filter(({ name }) => silent.includes(name))
  if (off === undefined) return []
  if (!serversSeen(view).some(({ facts }) => facts.past.server)) {
    return [
      {
        code: 'skip-founder',
        at: off.name,
        found: "keel cannot reach it, and no reachable server has the cluster's data",
        why: 'it may have that data, or must found the cluster; another server would found a second one',
        todo: 'start it, then deploy again',
      },
    ]
  }
  const { up, all, majority } = quorumOf(view)
  if (up >= majority) return []
  return [
    {
      code: 'skip-quorum',
      at: off.name,
      found: `keel cannot reach it, and ${up} of ${all} servers run`,
      why: `etcd needs ${majority} of ${all}; with fewer the API does not answer, and no host becomes healthy`,
      todo: 'start it, then deploy again',
    },
  ]
}

/** Hosts that were asked and did not answer, selected or not. */
export function silentNames({ selected, others }: ClusterView): readonly string[] {
  return [...selected.faults, ...others.faults].flatMap(({ at }) => at ?? [])
}

/** How many servers run, and how many have to. A silent server counts as a member, unless etcd says that it is none. */
export function quorumOf(view: ClusterView): { readonly up: number; readonly all: number; readonly majority: number } {
  const members = view.remembered?.members.etcd ?? []
  const silent = silentNames(view)
  const isMember = (name: string) => members.length === 0 || members.includes(name)
  const living = serversSeen(view).filter(({ facts }) => facts.past.server)
  const absent = serversOf(view.cluster).filter(({ name }) => silent.includes(name) && isMember(name))
  const all = living.length + absent.length
  return { up: living.filter(({ facts }) => nodeRuns(facts)).length, all, majority: Math.floor(all / 2) + 1 }
}
